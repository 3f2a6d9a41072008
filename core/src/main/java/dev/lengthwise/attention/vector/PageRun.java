package dev.lengthwise.attention.vector;

import dev.lengthwise.cache.PageLayout;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Pages that query blocks of neighbouring heads see one after the other, until one call of a
/// kernel takes them all in the order of memory: a call for each head and page costs more than
/// what it computes until Java is compiled, and delays the next page afterwards.
final class PageRun {

  private static final int MOST = 8;

  private final AttentionKernels kernels;
  private final MemorySegment[] keys = new MemorySegment[MOST];
  private final MemorySegment[] values = new MemorySegment[MOST];
  private int count;

  // Queries and states of some heads, side by side.
  private float[] queries = new float[0];
  private AttentionKernels.Softmax softmax;

  /// @param width of a value, padded
  PageRun(AttentionKernels kernels, int width) {
    this.kernels = kernels;
    this.softmax = new AttentionKernels.Softmax(new float[0], new float[0], new float[0], width);
  }

  boolean isEmpty() {
    return count == 0;
  }

  boolean isFull() {
    return count == MOST;
  }

  /// Forgets the pages.
  void clear() {
    count = 0;
  }

  /// One page more.
  void add(MemorySegment keyPage, MemorySegment valuePage) {
    keys[count] = keyPage;
    values[count] = valuePage;
    count++;
  }

  /// Lets query blocks see the pages, which are forgotten then.
  ///
  /// @param firstHead key head of the first block
  /// @param ofHeads of the same few tokens each
  /// @param branch in which all see the pages
  /// @param firstKey of the first page
  /// @param runs which keys of a single page; `null` for all
  void see(
      PageLayout ofKeys,
      PageLayout ofValues,
      int firstHead,
      QueryBlock[] ofHeads,
      int branch,
      long firstKey,
      AttentionKernels.@Nullable Runs runs) {
    AttentionKernels.Pages pages =
        new AttentionKernels.Pages(
            ofKeys, ofValues, keys, values, count, firstHead, ofHeads.length);
    count = 0;
    int rows = ofHeads[0].rows();
    if (ofHeads.length == 1) {
      float[] own = ofHeads[0].queries(branch, firstKey);
      kernels.attend(pages, runs, own, rows, ofHeads[0].softmax());
      return;
    }
    makeRoom(ofHeads.length * rows, ofKeys.size());
    int size = rows * ofKeys.size();
    for (int head = 0; head < ofHeads.length; head++) {
      float[] own = ofHeads[head].queries(branch, firstKey);
      System.arraycopy(own, 0, queries, head * size, size);
      copy(ofHeads[head].softmax(), 0, softmax, head * rows, rows);
    }
    kernels.attend(pages, runs, queries, rows, softmax);
    for (int head = 0; head < ofHeads.length; head++) {
      copy(softmax, head * rows, ofHeads[head].softmax(), 0, rows);
    }
  }

  private void makeRoom(int rows, int size) {
    if (queries.length < rows * size) {
      queries = new float[rows * size];
    }
    if (softmax.reference().length < rows) {
      softmax =
          new AttentionKernels.Softmax(
              new float[rows],
              new float[rows * AttentionKernels.PARTIAL_SUMS],
              new float[rows * softmax.width()],
              softmax.width());
    }
  }

  private static void copy(
      AttentionKernels.Softmax from, int row, AttentionKernels.Softmax to, int at, int rows) {
    int sums = AttentionKernels.PARTIAL_SUMS;
    int width = from.width();
    System.arraycopy(from.reference(), row, to.reference(), at, rows);
    System.arraycopy(from.totals(), row * sums, to.totals(), at * sums, rows * sums);
    System.arraycopy(from.weighted(), row * width, to.weighted(), at * width, rows * width);
  }
}

package dev.lengthwise.attention.vector;

import dev.lengthwise.cache.PageLayout;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Pages that query blocks of neighbouring heads see in one branch, until one call of a kernel
/// takes them all in the order of memory: a call for each head and page costs more than what it
/// computes until Java is compiled, and delays the next page afterwards.
final class PageRun {

  private static final int MOST_PAGES = 8;

  /// Most bytes of a call, for which a garbage collection may have to wait: some hundred
  /// microseconds.
  private static final long MOST_BYTES = 2L << 20;

  private final AttentionKernels kernels;
  private final MemorySegment[] keys = new MemorySegment[MOST_PAGES];
  private final MemorySegment[] values = new MemorySegment[MOST_PAGES];
  private int count;
  private int branch;
  private long firstKey;

  // Queries and states of some heads, side by side.
  private float[] queries = new float[0];
  private AttentionKernels.Softmax softmax;

  /// @param width of a value, padded
  PageRun(AttentionKernels kernels, int width) {
    this.kernels = kernels;
    this.softmax = new AttentionKernels.Softmax(new float[0], new float[0], new float[0], width);
  }

  /// Forgets the pages.
  void clear() {
    count = 0;
  }

  boolean isEmpty() {
    return count == 0;
  }

  /// That of the pages; there are some.
  int branch() {
    return branch;
  }

  /// Whether a page of `ofBranch` belongs to the pages that are there.
  ///
  /// @param bytes what is read of it
  boolean goesOn(int ofBranch, long bytes) {
    return count > 0
        && ofBranch == branch
        && count < MOST_PAGES
        && (count + 1) * bytes <= MOST_BYTES;
  }

  /// One page more, which all heads see in a branch.
  void add(int ofBranch, long tile, MemorySegment keyPage, MemorySegment valuePage) {
    if (count == 0) {
      branch = ofBranch;
      firstKey = tile * AttentionKernels.KEYS;
    }
    keys[count] = keyPage;
    values[count] = valuePage;
    count++;
  }

  /// Lets query blocks see the pages, which are forgotten then.
  ///
  /// @param firstHead key head of the first block
  /// @param ofHeads of the same few tokens each
  /// @param runs which keys of a single page; `null` for all
  void see(
      PageLayout ofKeys,
      PageLayout ofValues,
      int firstHead,
      QueryBlock[] ofHeads,
      AttentionKernels.@Nullable Runs runs) {
    if (runs != null && count > 1) {
      throw new IllegalStateException("runs are of a single page, not of " + count);
    }
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

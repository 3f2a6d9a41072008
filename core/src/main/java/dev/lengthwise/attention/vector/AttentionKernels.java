package dev.lengthwise.attention.vector;

import dev.lengthwise.cache.PageLayout;
import dev.lengthwise.parallel.VectorWidth;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The loops of the vector engine: [ScalarAttentionKernels] is their specification,
/// [VectorAttentionKernels] their twin on the Vector API. Both run through the same tests.
///
/// Lanes run over keys while scores are made, and over channels while values are summed, so that
/// neither is ever added across lanes. Scores are in units of `log 2`: weights are powers of two.
sealed interface AttentionKernels permits ScalarAttentionKernels, VectorAttentionKernels {

  /// Keys of a tile: those of a page.
  int KEYS = PageLayout.KEYS;

  /// Rows that the product takes at once: every array of rows is as long as a multiple of it, and
  /// whoever passes more than [#SINGLE_ROWS] rows passes a multiple of it.
  int ROWS = 6;

  /// Up to so many rows are taken one by one.
  int SINGLE_ROWS = 2;

  /// Up to so many rows, heads or keys are shared out in the order of memory, and a kernel may take
  /// pages as they lie.
  int FEW_ROWS = 16;

  /// Partial sums of a row, which are added up at its end.
  int PARTIAL_SUMS = 16;

  /// The reference of a row that has seen no key: below any score, and finite, so that differences
  /// of it are numbers.
  float NOTHING_SEEN = -1e30f;

  /// A weight may be up to `2^HEADROOM` before the reference of its row is raised.
  float HEADROOM = 16;

  /// The kernels of this machine.
  static AttentionKernels best() {
    return VectorWidth.vectorised()
        ? VectorAttentionKernels.INSTANCE
        : ScalarAttentionKernels.INSTANCE;
  }

  /// Columns that lie together in the right factor of a product: those of decoded values.
  int STRIDE = PageLayout.STRIDE;

  /// The matrices of a product `result = left · right`.
  ///
  /// @param left `[rows, inner]`
  /// @param right `[⌈columns / STRIDE⌉, inner, STRIDE]`: blocks of columns, one after the other
  /// @param result `[rows, columns]`
  /// @param columns a multiple of 16
  record Product(float[] left, float[] right, float[] result, int inner, int columns) {

    /// Where column `column` of the right factor begins.
    int rightOffset(int column) {
      return column / STRIDE * inner * STRIDE + column % STRIDE;
    }
  }

  /// The softmax of a block of rows on its way over the keys.
  ///
  /// Weights are `2^(score − reference)`. References are whole numbers, and are raised only when a
  /// score is more than [#HEADROOM] above: both only scale all sums by exact powers of two.
  ///
  /// @param reference `[rows]`
  /// @param totals `[rows, PARTIAL_SUMS]`, sums of weights
  /// @param weighted `[rows, width]`, sums of weighted values
  record Softmax(float[] reference, float[] totals, float[] weighted, int width) {}

  /// Pages that some neighbouring heads see, one after the other.
  ///
  /// @param keys how keys lie
  /// @param values how values lie
  /// @param keyPages `count` of them, and what nobody reads
  /// @param valuePages as many
  /// @param firstHead the first of the key heads
  /// @param heads how many they are
  record Pages(
      PageLayout keys,
      PageLayout values,
      MemorySegment[] keyPages,
      MemorySegment[] valuePages,
      int count,
      int firstHead,
      int heads) {

    /// Checks what kernels do not: they get addresses.
    public Pages {
      if (count < 1
          || count > keyPages.length
          || firstHead < 0
          || heads < 1
          || firstHead + heads > keys.heads()) {
        throw new IllegalArgumentException(
            "%d of %d pages and heads %d to %d of %d cannot be seen"
                .formatted(count, keyPages.length, firstHead, firstHead + heads - 1, keys.heads()));
      }
    }
  }

  /// Which keys of a page rows see: row `r` those of position `r / group`.
  ///
  /// @param from `[…, positions]`, the first of each position
  /// @param until `[…, positions]`, the first behind
  /// @param at index of the first position
  record Runs(int[] from, int[] until, int at, int group) {

    /// Puts the scores of a row at the keys that it does not see to minus infinity.
    ///
    /// @param scores `[rows, KEYS]`
    void mask(float[] scores, int row) {
      int position = at + row / group;
      int first = row * KEYS;
      Arrays.fill(scores, first, first + from[position], Float.NEGATIVE_INFINITY);
      int end = Math.max(from[position], until[position]);
      Arrays.fill(scores, first + end, first + KEYS, Float.NEGATIVE_INFINITY);
    }

    /// The same keys for rows from `first` on.
    Runs ofRowsFrom(int first) {
      return new Runs(from, until, at - first / group, group);
    }
  }

  /// Numbers of a linear bias `slope · (keyPosition − queryPosition)`, in units of `log 2`.
  ///
  /// @param slopes `[rows]`
  /// @param queryPositions `[rows]`
  /// @param keyPositions `[KEYS]`
  record Bias(float[] slopes, float[] queryPositions, float[] keyPositions) {}

  /// Multiplies rows `[fromRow, untilRow)`; adds to the result or overwrites it.
  void multiply(Product product, int fromRow, int untilRow, boolean add);

  /// Turns scores `[rows, KEYS]` of rows `[fromRow, untilRow)` into weights, and adds them to the
  /// totals of `softmax`.
  void weigh(Softmax softmax, float[] scores, int fromRow, int untilRow);

  /// Adds a bias to scores `[rows, KEYS]` of rows `[fromRow, untilRow)`.
  void addBias(Bias bias, float[] scores, int fromRow, int untilRow);

  /// Puts scores `[rows, KEYS]` of rows `[fromRow, untilRow)` under a cap: `x ← c · tanh(x / c)`.
  ///
  /// @param cap `c`, in units of `log 2` as the scores are
  void cap(float cap, float[] scores, int fromRow, int untilRow);

  /// Turns one vector in place: pair `m`, channels `m` and `m + pairs`, by the phases of `token`.
  ///
  /// @param at index of the first channel
  /// @param phases `[tokens, 2, pairs]`: for each token all cosines, then all sines
  void rotate(float[] vector, int at, float[] phases, int token, int pairs);

  /// Turns keys `[size, KEYS]` by `phases`, `[2, pairs, KEYS]`, in place.
  void rotateKeys(float[] keys, float[] phases, int pairs);

  /// Decodes one head of a page to the right factor of a product: keys to `[size, KEYS]`, values to
  /// `[⌈width / STRIDE⌉, KEYS, STRIDE]`.
  void read(PageLayout layout, MemorySegment page, int head, float[] target);

  /// Scores of one row, from a page of keys without decoding it first: to the bit what [#read] and
  /// [#multiply] give.
  ///
  /// @param queries `[rows, size]`
  /// @param scores `[rows, KEYS]`
  void scoreRow(
      PageLayout layout, MemorySegment page, int head, float[] queries, int row, float[] scores);

  /// Adds the weighted values of one row, from a page of values without decoding it first: to the
  /// bit what [#read] and [#multiply] give.
  ///
  /// @param weights `[rows, KEYS]`
  /// @param weighted `[rows, width]`
  void sumRow(
      PageLayout layout, MemorySegment page, int head, float[] weights, int row, float[] weighted);

  /// Whether [#attend] is faster than what it is made of.
  default boolean attendsAtOnce() {
    return false;
  }

  /// Lets the rows of some heads see pages: scores, weights and sums.
  ///
  /// @param runs which keys, of a single page; `null` for all
  /// @param queries `[heads, rows, size]`
  /// @param rows a few of each head: keys and values are read for some at a time
  /// @param softmax of `heads · rows` rows
  default void attend(
      Pages pages, @Nullable Runs runs, float[] queries, int rows, Softmax softmax) {
    float[] scores = new float[pages.heads() * rows * KEYS];
    for (int page = 0; page < pages.count(); page++) {
      for (int head = 0; head < pages.heads(); head++) {
        int first = head * rows;
        int keyHead = pages.firstHead() + head;
        Runs ofHead = runs == null ? null : runs.ofRowsFrom(first);
        for (int row = first; row < first + rows; row++) {
          scoreRow(pages.keys(), pages.keyPages()[page], keyHead, queries, row, scores);
          if (ofHead != null) {
            ofHead.mask(scores, row);
          }
        }
        weigh(softmax, scores, first, first + rows);
        for (int row = first; row < first + rows; row++) {
          sumRow(
              pages.values(), pages.valuePages()[page], keyHead, scores, row, softmax.weighted());
        }
      }
    }
  }
}

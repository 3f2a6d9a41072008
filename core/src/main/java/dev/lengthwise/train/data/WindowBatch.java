package dev.lengthwise.train.data;

import java.util.Arrays;

/// Windows of equal length, one after the other.
///
/// @param inputs ids that the model reads: `[sequences, length]`
/// @param targets the id that should come after each, or [#IGNORED]: `[sequences, length]`
/// @param sequences number of windows
public record WindowBatch(long[] inputs, long[] targets, int sequences) {

  /// The target of a place whose loss does not count, as in libtorch and Hugging Face.
  public static final long IGNORED = -100;

  /// Windows of `length` tokens that nothing has been put into yet.
  static WindowBatch empty(int sequences, int length) {
    long[] targets = new long[sequences * length];
    Arrays.fill(targets, IGNORED);
    return new WindowBatch(new long[sequences * length], targets, sequences);
  }

  /// Windows that are read whole.
  ///
  /// @param ids `[sequences, length + 1]`
  public static WindowBatch of(long[] ids, int sequences) {
    int size = ids.length / sequences;
    WindowBatch batch = empty(sequences, size - 1);
    for (int row = 0; row < sequences; row++) {
      batch.put(row, Arrays.copyOfRange(ids, row * size, (row + 1) * size));
    }
    return batch;
  }

  /// Tokens of a window.
  public int length() {
    return inputs.length / sequences;
  }

  /// How many targets count.
  public long scored() {
    return Arrays.stream(targets).filter(target -> target != IGNORED).count();
  }

  /// Puts ids, at most one more than the length, at the begin of window `row`; each is the target
  /// of the one before it.
  void put(int row, long[] ids) {
    int length = length();
    System.arraycopy(ids, 0, inputs, row * length, Math.min(length, ids.length));
    System.arraycopy(ids, 1, targets, row * length, ids.length - 1);
  }

  /// Lets the target of place `place` of window `row` not count.
  void ignore(int row, int place) {
    targets[row * length() + place] = IGNORED;
  }
}

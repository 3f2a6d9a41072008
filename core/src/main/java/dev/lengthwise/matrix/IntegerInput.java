package dev.lengthwise.matrix;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// The activations of one token as whole numbers of 8 bits, in blocks of 32 with one scale each:
/// `x ≈ scale · number`, `scale = max |x| / 127`, as llama.cpp has them for its products.
///
/// For kernels on [RowGroups] they lie in the order of a layout, as factors of whole half lanes in
/// place of single numbers. A half `h` of a lane holds numbers `n₀ + n₁·2ᵇ + n₂·2²ᵇ …`; shifted by
/// `b` it holds `n₁ + n₂·2ᵇ …`, so `n₀ = h − 2ᵇ·(h ≫ b)`, and
///
/// ```
/// Σ nᵢ·yᵢ = Σ (h ≫ i·b) · (yᵢ − 2ᵇ·yᵢ₋₁)
/// ```
///
/// without a mask. Products and sums may pass 16 bits on the way: the sum is right modulo 2¹⁶, and
/// with its zero taken away ([GroupLayout#zero]) it fits, as `16 · 16 · 127 < 2¹⁵`. Layouts whose
/// numbers are too large for that have no factors.
///
/// Arrays are used again from token to token.
final class IntegerInput {

  /// Activations that share a scale.
  static final int BLOCK = 32;

  /// Factors of a vector: that of a lane's halves as they are, and shifted three times.
  static final int FACTORS = 4;

  private static final int LARGEST = 127;

  // A float of this size has a last bit of 1, so adding it rounds to whole numbers, ties to even.
  private static final float ROUNDING = 0x1.8p23f;
  private static final int ROUNDING_BITS = Float.floatToRawIntBits(ROUNDING);

  private int[] numbers = new int[0];
  private float[] scales = new float[0];
  private float[] sums = new float[0];
  private int[] factors = new int[0];
  private int[] starts = new int[0];
  private int[] ends = new int[0];
  private float[] values = new float[0];
  private int[] placed = new int[0];

  /// Takes the activations of a token.
  ///
  /// @param input address of `columns` floats
  void set(GroupLayout layout, long input, int columns) {
    makeRoom(layout, columns);
    MemorySegment.copy(Memory.ALL, Memory.FLOAT, input, values, 0, columns);
    for (int block = 0; block < columns / BLOCK; block++) {
      quantise(block);
    }
    if (!layout.fitsSixteenBits()) {
      return;
    }
    int parts = columns / layout.partColumns();
    switch (layout) {
      case Q4_0, Q4_K -> fours(numbers, parts);
      case Q5_K -> fives(numbers, parts);
      case Q6_K -> sixes(placed(layout, columns), parts);
      case IQ4_NL, IQ4_XS, MXFP4, Q8_0 -> throw new IllegalStateException(layout + " is too wide");
    }
    int[] y = layout == GroupLayout.Q6_K ? placed : numbers;
    for (int part = 0; part < parts; part++) {
      zero(layout, y, part);
    }
  }

  /// The number of each column.
  int[] numbers() {
    return numbers;
  }

  /// The scale of each block.
  float[] scales() {
    return scales;
  }

  /// The sum of the numbers of each block, times its scale.
  float[] sums() {
    return sums;
  }

  /// Pairs of 16 bits for the two halves of a lane, `[part, vector, FACTORS]`.
  int[] factors() {
    return factors;
  }

  /// What the sums of a part begin with, a pair for the two halves: the zero times the numbers.
  int[] starts() {
    return starts;
  }

  /// What is added to the sum of a part at the end: the zero, where numbers are not signed.
  int[] ends() {
    return ends;
  }

  private void makeRoom(GroupLayout layout, int columns) {
    if (numbers.length < columns) {
      values = new float[columns];
      numbers = new int[columns];
      placed = new int[columns];
      scales = new float[columns / BLOCK];
      sums = new float[columns / BLOCK];
    }
    int parts = columns / layout.partColumns();
    if (starts.length < parts) {
      starts = new int[parts];
      ends = new int[parts];
    }
    if (factors.length < parts * layout.vectors() * FACTORS) {
      factors = new int[parts * layout.vectors() * FACTORS];
    }
  }

  // A block with a value that is not finite gets a scale that is no number. One of zeros, or so
  // small that its scale is none, is zeros.
  private void quantise(int block) {
    int first = block * BLOCK;
    // Bits without the sign are in the order of sizes, and a maximum of ints takes one instruction.
    int bits = 0;
    for (int i = first; i < first + BLOCK; i++) {
      bits = Math.max(bits, Float.floatToRawIntBits(values[i]) & Integer.MAX_VALUE);
    }
    float largest = Float.intBitsToFloat(bits);
    float inverse = LARGEST / largest;
    if (inverse == Float.POSITIVE_INFINITY || !Float.isFinite(largest)) {
      Arrays.fill(numbers, first, first + BLOCK, 0);
      scales[block] = Float.isFinite(largest) ? 0 : Float.NaN;
      sums[block] = scales[block];
      return;
    }
    int sum = 0;
    for (int i = first; i < first + BLOCK; i++) {
      float rounded = Math.fma(values[i], inverse, ROUNDING);
      numbers[i] = Float.floatToRawIntBits(rounded) - ROUNDING_BITS;
      sum += numbers[i];
    }
    scales[block] = largest / LARGEST;
    sums[block] = scales[block] * sum;
  }

  // The numbers in the order of places.
  private int[] placed(GroupLayout layout, int columns) {
    for (int part = 0; part < columns; part += layout.partColumns()) {
      for (int place = 0; place < layout.partColumns(); place++) {
        placed[part + place] = numbers[part + layout.column(place)];
      }
    }
    return placed;
  }

  private void fours(int[] y, int parts) {
    for (int n = 0; n < parts * 4; n++) {
      int at = n * 8;
      int to = n * FACTORS;
      factors[to] = pair(y[at], y[at + 4]);
      for (int i = 1; i < 4; i++) {
        factors[to + i] =
            pair(y[at + i] - (y[at + i - 1] << 4), y[at + i + 4] - (y[at + i + 3] << 4));
      }
    }
  }

  // The bit at `h ≫ 15` of vector `v` is bit `v` of the last number of its half.
  private void fives(int[] y, int parts) {
    for (int part = 0; part < parts; part++) {
      int rest = part * 32 + 30;
      for (int v = 0; v < 5; v++) {
        int at = part * 32 + v * 6;
        int to = (part * 5 + v) * FACTORS;
        factors[to] = pair(y[at], y[at + 3]);
        for (int i = 1; i < 3; i++) {
          factors[to + i] =
              pair(y[at + i] - (y[at + i - 1] << 5), y[at + i + 3] - (y[at + i + 2] << 5));
        }
        factors[to + 3] =
            pair((y[rest] << v) - (y[at + 2] << 5), (y[rest + 1] << v) - (y[at + 5] << 5));
      }
    }
  }

  private void sixes(int[] y, int parts) {
    for (int part = 0; part < parts; part++) {
      int rest = part * 16 + 12;
      for (int v = 0; v < 3; v++) {
        int at = part * 16 + v * 4;
        int to = (part * 3 + v) * FACTORS;
        int low = lower(y, v, rest);
        int high = lower(y, v, rest + 2);
        factors[to] = pair(y[at], y[at + 2]);
        factors[to + 1] = pair(y[at + 1] - (y[at] << 6), y[at + 3] - (y[at + 2] << 6));
        factors[to + 2] = pair(low - (y[at + 1] << 6), high - (y[at + 3] << 6));
        factors[to + 3] = pair(upper(y, v, rest) - (low << 2), upper(y, v, rest + 2) - (high << 2));
      }
    }
  }

  // Of the four free bits of a half, two are at `h ≫ 12` and two at `h ≫ 14`; over three
  // vectors the twelve bits are two numbers. These are the factors of either two.
  private static int lower(int[] y, int vector, int rest) {
    return vector < 2 ? y[rest] << (4 * vector) : y[rest + 1] << 2;
  }

  private static int upper(int[] y, int vector, int rest) {
    return vector == 0 ? y[rest] << 2 : y[rest + 1] << (4 * vector - 4);
  }

  private static int pair(int low, int high) {
    return (low & 0xffff) | (high << Short.SIZE);
  }

  private void zero(GroupLayout layout, int[] y, int part) {
    int place = part * layout.partColumns();
    int low = 0;
    int high = 0;
    for (int v = 0; v <= layout.vectors(); v++) {
      int count = v < layout.vectors() ? layout.fields() : layout.rest();
      for (int i = place; i < place + count; i++) {
        low += y[i];
        high += y[i + count];
      }
      place += 2 * count;
    }
    starts[part] = pair(-layout.zero() * low, -layout.zero() * high);
    ends[part] = layout.signed() ? 0 : layout.zero() * (low + high);
  }
}

package dev.lengthwise.matrix;

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
/// with its zero taken away ([GroupLayout#zero]) it fits, as `16 · 16 · 127 < 2¹⁵`.
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

  private int[] numbers = new int[0];
  private float[] scales = new float[0];
  private float[] sums = new float[0];
  private int[] factors = new int[0];
  private int[] starts = new int[0];
  private int[] ends = new int[0];
  private final int[] half = new int[FACTORS];

  /// Takes the activations of a token.
  ///
  /// @param input address of `columns` floats
  void set(GroupLayout layout, long input, int columns) {
    makeRoom(layout, columns);
    for (int block = 0; block < columns / BLOCK; block++) {
      quantise(input, block);
    }
    for (int part = 0; part < columns / layout.partColumns(); part++) {
      order(layout, part);
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
      numbers = new int[columns];
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

  // A block with a value that is not finite gets a scale that is not finite. One of zeros, or so
  // small that its scale is none, is zeros.
  private void quantise(long input, int block) {
    int first = block * BLOCK;
    long from = input + (long) first * Float.BYTES;
    float largest = 0;
    for (int i = 0; i < BLOCK; i++) {
      largest = Math.max(largest, Math.abs(Memory.floatAt(from + i * 4L)));
    }
    float inverse = LARGEST / largest;
    boolean none = inverse == Float.POSITIVE_INFINITY || !Float.isFinite(largest);
    int sum = 0;
    for (int i = 0; i < BLOCK; i++) {
      float value = none ? 0 : Memory.floatAt(from + i * 4L) * inverse;
      int number = Float.floatToRawIntBits(value + ROUNDING) - Float.floatToRawIntBits(ROUNDING);
      numbers[first + i] = number;
      sum += number;
    }
    float scale = inverse == Float.POSITIVE_INFINITY ? 0 : largest / LARGEST;
    scales[block] = scale;
    sums[block] = scale * sum;
  }

  private void order(GroupLayout layout, int part) {
    int at = part * layout.vectors() * FACTORS;
    for (int vector = 0; vector < layout.vectors(); vector++) {
      factors(layout, part, vector, 0);
      for (int i = 0; i < FACTORS; i++) {
        factors[at + i] = half[i] & 0xffff;
      }
      factors(layout, part, vector, 1);
      for (int i = 0; i < FACTORS; i++) {
        factors[at + i] |= half[i] << Short.SIZE;
      }
      at += FACTORS;
    }
    int low = sum(layout, part, 0);
    int high = sum(layout, part, 1);
    starts[part] = (-layout.zero() * low & 0xffff) | (-layout.zero() * high << Short.SIZE);
    ends[part] = layout.signed() ? 0 : layout.zero() * (low + high);
  }

  // Factors of half a lane of a vector.
  private void factors(GroupLayout layout, int part, int vector, int which) {
    int bits = layout.bits();
    int fields = layout.fields();
    int first = (2 * vector + which) * fields;
    int before = 0;
    for (int i = 0; i < fields; i++) {
      int number = number(layout, part, first + i);
      half[i] = number - (before << bits);
      before = number;
    }
    int rest = layout.partColumns() - (2 - which) * layout.rest();
    switch (bits) {
      case 4 -> {} // no bit is free
      case 5 -> half[3] = (number(layout, part, rest) << vector) - (before << bits);
      default -> {
        // Two bits at `h ≫ 12` and two at `h ≫ 14`. Over three vectors the twelve are two numbers.
        int lower = number(layout, part, rest) << (4 * vector);
        int upper = number(layout, part, rest + 1) << Math.max(0, 4 * vector - 6);
        int two = vector < 2 ? lower : upper;
        int next = vector == 0 ? lower << 2 : vector == 1 ? upper : upper << 2;
        half[2] = two - (before << bits);
        half[3] = next - (two << 2);
      }
    }
  }

  private int number(GroupLayout layout, int part, int place) {
    return numbers[part * layout.partColumns() + layout.column(place)];
  }

  // The sum of the numbers of a part that meet one half of the lanes.
  private int sum(GroupLayout layout, int part, int which) {
    int fields = layout.fields();
    int sum = 0;
    for (int vector = 0; vector < layout.vectors(); vector++) {
      for (int i = 0; i < fields; i++) {
        sum += number(layout, part, (2 * vector + which) * fields + i);
      }
    }
    int rest = layout.partColumns() - (2 - which) * layout.rest();
    for (int i = 0; i < layout.rest(); i++) {
      sum += number(layout, part, rest + i);
    }
    return sum;
  }
}

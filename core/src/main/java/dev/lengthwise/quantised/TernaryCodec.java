package dev.lengthwise.quantised;

import java.lang.foreign.MemorySegment;
import java.util.List;

/// TQ1_0 and TQ2_0: 256 weights that are `−d`, 0 or `d`, for models that were trained so, with `d`
/// in half precision at the end of a block: `w = d · (q − 1)`.
///
/// Encoding takes the weight that is farthest from zero as `d`.
///
/// @param digits where the numbers lie
record TernaryCodec(Digits digits) implements BlockCodec {

  private static final int SIZE = 256;

  /// 256 numbers from 0 to 2 in front of the scale.
  sealed interface Digits {

    /// Bytes that they take.
    int bytes();

    /// Reads all numbers.
    void read(MemorySegment blocks, long offset, int[] numbers);

    /// Writes all numbers.
    void write(int[] numbers, MemorySegment blocks, long offset);
  }

  /// TQ2_0: numbers of two bits.
  record Pairs() implements Digits {

    @Override
    public int bytes() {
      return TwoBits.BYTES;
    }

    @Override
    public void read(MemorySegment blocks, long offset, int[] numbers) {
      for (int i = 0; i < SIZE; i++) {
        numbers[i] = TwoBits.read(blocks, offset, i);
      }
    }

    @Override
    public void write(int[] numbers, MemorySegment blocks, long offset) {
      TwoBits.write(numbers, 0, blocks, offset);
    }
  }

  /// TQ1_0: five digits of base 3 in a byte.
  ///
  /// The byte is `⌈256 · n / 243⌉` of the number `n` with the first digit in front: a fraction, of
  /// which times 3 the digits come out one after the other, as carries out of the byte. Of 32
  /// bytes, then of 16, digit `k` of byte `l` is number `k · 32 + l`, then `160 + k · 16 + l`; of
  /// the last four, which hold four digits each, `240 + k · 4 + l`.
  record Fives() implements Digits {

    /// Bytes that lie together, and the digits of each.
    private record Group(int first, int bytes, int digits, int number) {}

    private static final List<Group> GROUPS =
        List.of(new Group(0, 32, 5, 0), new Group(32, 16, 5, 160), new Group(48, 4, 4, 240));

    private static final int BASE = 3;
    private static final int NUMBERS = 243;

    @Override
    public int bytes() {
      return 52;
    }

    @Override
    public void read(MemorySegment blocks, long offset, int[] numbers) {
      for (Group group : GROUPS) {
        for (int l = 0; l < group.bytes; l++) {
          int fraction = Bytes.unsigned(blocks, offset + group.first + l);
          for (int k = 0; k < group.digits; k++) {
            numbers[group.number + k * group.bytes + l] = (fraction * BASE) >> 8;
            fraction = (fraction * BASE) & 0xff;
          }
        }
      }
    }

    @Override
    public void write(int[] numbers, MemorySegment blocks, long offset) {
      for (Group group : GROUPS) {
        for (int l = 0; l < group.bytes; l++) {
          int number = 0;
          for (int k = 0; k < 5; k++) {
            int digit = k < group.digits ? numbers[group.number + k * group.bytes + l] : 0;
            number = number * BASE + digit;
          }
          Bytes.put(blocks, offset + group.first + l, Math.ceilDiv(number << 8, NUMBERS));
        }
      }
    }
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at) {
    int[] numbers = new int[SIZE];
    digits.read(blocks, offset, numbers);
    float scale = Bytes.half(blocks, offset + digits.bytes());
    for (int i = 0; i < SIZE; i++) {
      values[at + i] = scale * (numbers[i] - 1);
    }
  }

  @Override
  public void encode(float[] values, int at, MemorySegment blocks, long offset) {
    BlockWeights.requireFinite(values, at, SIZE);
    float scale = Math.abs(BlockWeights.farthest(values, at, SIZE));
    float inverse = BlockWeights.inverse(scale);
    int[] numbers = new int[SIZE];
    for (int i = 0; i < SIZE; i++) {
      float share = values[at + i] * inverse;
      numbers[i] = share >= 0.5f ? 2 : share <= -0.5f ? 0 : 1;
    }
    digits.write(numbers, blocks, offset);
    Bytes.putHalf(blocks, offset + digits.bytes(), scale);
  }
}

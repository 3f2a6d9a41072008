package dev.lengthwise.quantised;

import java.lang.foreign.MemorySegment;

/// Q4_K and Q5_K: 256 weights in eight parts of 32, each with a scale and a minimum of six bits
/// under a half-precision scale of all: `w = d · scale · q − dmin · minimum`.
///
/// A block is `d`, `dmin`, the [SixBitPairs], for Q5_K 32 bytes with the fifth bits (bit `s` of
/// byte `l` is that of number `l` of part `s`), and 128 bytes with the low four bits: byte `32 g +
/// l` holds number `l` of part `2 g` in its low half and of part `2 g + 1` in its high half.
///
/// @param bits of a number, 4 or 5
/// @param range of the search for scale and minimum of a part
record SuperBlockCodec(int bits, AffineFit.Range range) implements BlockCodec {

  static final SuperBlockCodec FOUR_BITS = new SuperBlockCodec(4, new AffineFit.Range(15, -1, 20));
  static final SuperBlockCodec FIVE_BITS =
      new SuperBlockCodec(5, new AffineFit.Range(31, -0.5, 15));

  private static final int PARTS = 8;
  private static final int PART = 32;
  private static final int MOST_SIX_BITS = 63;
  private static final int PAIRS = 2 * Short.BYTES;
  private static final int NUMBERS = PAIRS + SixBitPairs.BYTES;

  private long lowBits(long offset, int part, int i) {
    int group = part / 2;
    int inside = group * PART + i;
    return offset + NUMBERS + (bits == 5 ? PART : 0) + inside;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at) {
    float scale = Bytes.half(blocks, offset);
    float minimum = Bytes.half(blocks, offset + Short.BYTES);
    SixBitPairs pairs = SixBitPairs.read(blocks, offset + PAIRS);
    for (int part = 0; part < PARTS; part++) {
      float partScale = scale * pairs.scales()[part];
      float partMinimum = minimum * pairs.minima()[part];
      for (int i = 0; i < PART; i++) {
        int number = number(blocks, offset, part, i);
        values[at + part * PART + i] = partScale * number - partMinimum;
      }
    }
  }

  private int number(MemorySegment blocks, long offset, int part, int i) {
    int pair = Bytes.unsigned(blocks, lowBits(offset, part, i));
    int low = part % 2 == 0 ? pair & 0xf : pair >> 4;
    int fifth = bits == 5 ? Bytes.unsigned(blocks, offset + NUMBERS + i) >> part & 1 : 0;
    return low | fifth << 4;
  }

  @Override
  public void encode(float[] values, int at, MemorySegment blocks, long offset) {
    BlockWeights.requireFinite(values, at, PARTS * PART);
    float[] scales = new float[PARTS];
    float[] minima = new float[PARTS];
    for (int part = 0; part < PARTS; part++) {
      AffineFit fit = AffineFit.of(values, at + part * PART, PART, range);
      scales[part] = fit.scale();
      minima[part] = fit.minimum();
    }
    SixBitPairs pairs =
        new SixBitPairs(
            PartScales.unsigned(scales, MOST_SIX_BITS, blocks, offset),
            PartScales.unsigned(minima, MOST_SIX_BITS, blocks, offset + Short.BYTES));
    pairs.write(blocks, offset + PAIRS);
    writeNumbers(numbers(values, at, blocks, offset, pairs), blocks, offset);
  }

  /// The nearest numbers under the scales as they are stored.
  private int[] numbers(
      float[] values, int at, MemorySegment blocks, long offset, SixBitPairs pairs) {
    float scale = Bytes.half(blocks, offset);
    float minimum = Bytes.half(blocks, offset + Short.BYTES);
    int[] numbers = new int[PARTS * PART];
    for (int i = 0; i < numbers.length; i++) {
      float inverse = BlockWeights.inverse(scale * pairs.scales()[i / PART]);
      float above = values[at + i] + minimum * pairs.minima()[i / PART];
      numbers[i] = BlockWeights.clamp((int) Math.rint(above * inverse), 0, range.most());
    }
    return numbers;
  }

  private void writeNumbers(int[] numbers, MemorySegment blocks, long offset) {
    for (int i = 0; i < PART; i++) {
      int fifth = 0;
      for (int part = 0; part < PARTS; part++) {
        fifth |= (numbers[part * PART + i] >> 4) << part;
      }
      if (bits == 5) {
        Bytes.put(blocks, offset + NUMBERS + i, fifth);
      }
      for (int part = 0; part < PARTS; part += 2) {
        int low = numbers[part * PART + i] & 0xf;
        int high = numbers[(part + 1) * PART + i] & 0xf;
        Bytes.put(blocks, lowBits(offset, part, i), low | high << 4);
      }
    }
  }
}

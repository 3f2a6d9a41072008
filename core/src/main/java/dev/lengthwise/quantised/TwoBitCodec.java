package dev.lengthwise.quantised;

import java.lang.foreign.MemorySegment;

/// Q2_K: 256 weights in 16 parts of 16, each with a scale and a minimum of four bits under
/// half-precision scales of all: `w = d · scale · q − dmin · minimum`.
///
/// A block is 16 bytes with the scales in their low and the minima in their high halves, the
/// [TwoBits] of the numbers, `d` and `dmin`.
final class TwoBitCodec implements BlockCodec {

  private static final int SIZE = 256;
  private static final int PART = 16;
  private static final int PARTS = SIZE / PART;
  private static final int MOST_FOUR_BITS = 15;
  private static final int SCALE = PARTS + TwoBits.BYTES;
  private static final int MINIMUM = SCALE + Short.BYTES;
  private static final AffineFit.Range RANGE = new AffineFit.Range(3, -0.5, 15);

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at) {
    float scale = Bytes.half(blocks, offset + SCALE);
    float minimum = Bytes.half(blocks, offset + MINIMUM);
    for (int i = 0; i < SIZE; i++) {
      int pair = Bytes.unsigned(blocks, offset + i / PART);
      int number = TwoBits.read(blocks, offset + PARTS, i);
      values[at + i] = scale * (pair & 0xf) * number - minimum * (pair >> 4);
    }
  }

  @Override
  public void encode(float[] values, int at, MemorySegment blocks, long offset) {
    BlockWeights.requireFinite(values, at, SIZE);
    float[] scales = new float[PARTS];
    float[] minima = new float[PARTS];
    for (int part = 0; part < PARTS; part++) {
      AffineFit fit = AffineFit.of(values, at + part * PART, PART, RANGE);
      scales[part] = fit.scale();
      minima[part] = fit.minimum();
    }
    int[] wholeScales = PartScales.unsigned(scales, MOST_FOUR_BITS, blocks, offset + SCALE);
    int[] wholeMinima = PartScales.unsigned(minima, MOST_FOUR_BITS, blocks, offset + MINIMUM);
    float scale = Bytes.half(blocks, offset + SCALE);
    float minimum = Bytes.half(blocks, offset + MINIMUM);
    int[] numbers = new int[SIZE];
    for (int i = 0; i < SIZE; i++) {
      float inverse = BlockWeights.inverse(scale * wholeScales[i / PART]);
      float above = values[at + i] + minimum * wholeMinima[i / PART];
      numbers[i] = BlockWeights.clamp((int) Math.rint(above * inverse), 0, RANGE.most());
    }
    for (int part = 0; part < PARTS; part++) {
      Bytes.put(blocks, offset + part, wholeScales[part] | wholeMinima[part] << 4);
    }
    TwoBits.write(numbers, 0, blocks, offset + PARTS);
  }
}

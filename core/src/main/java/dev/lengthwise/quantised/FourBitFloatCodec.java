package dev.lengthwise.quantised;

import java.lang.foreign.MemorySegment;

/// MXFP4: 32 floats of four bits under one power of two, `w = 2^(e − 127) · v`.
///
/// A block is the byte `e` and 16 bytes with the numbers, number `j` in the low half of byte `j`
/// and number `j + 16` in the high half. A number is a sign, two bits of exponent and one of
/// mantissa (E2M1). As in ggml, `e` of 255 is a power of two like any other.
///
/// Encoding chooses the power by the weight that is farthest from zero, `e = ⌊log₂ |w|⌋ + 125`, and
/// of two values that are as near the smaller, as ggml does.
///
/// Source: OCP Microscaling Formats (MX) Specification 1.0, section 6.3.
final class FourBitFloatCodec implements BlockCodec {

  /// Twice the values of the bits without sign, which makes them whole.
  private static final int[] DOUBLED = {0, 1, 2, 3, 4, 6, 8, 12};

  private static final int SIGN = 8;

  /// The exponent whose doubled values have the unit 1.
  private static final int BIAS = 128;

  /// The exponent of the greatest value, 6.
  private static final int GREATEST = 2;

  private static final int MOST = 254;
  private static final BitBlock NUMBERS = new BitBlock(4);

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at) {
    int[] found = new int[BitBlock.SIZE];
    float unit = Math.scalb(1f, Bytes.unsigned(blocks, offset) - BIAS);
    NUMBERS.read(blocks, offset + 1, found);
    for (int i = 0; i < BitBlock.SIZE; i++) {
      int doubled = DOUBLED[found[i] & (SIGN - 1)];
      values[at + i] = unit * (found[i] < SIGN ? doubled : -doubled);
    }
  }

  @Override
  public void encode(float[] values, int at, MemorySegment blocks, long offset) {
    BlockWeights.requireFinite(values, at, BitBlock.SIZE);
    float farthest = BlockWeights.farthest(values, at, BitBlock.SIZE);
    int exponent = BlockWeights.clamp(Math.getExponent(farthest) - GREATEST + BIAS - 1, 0, MOST);
    Bytes.put(blocks, offset, exponent);
    int[] chosen = new int[BitBlock.SIZE];
    for (int i = 0; i < BitBlock.SIZE; i++) {
      int place = nearest(Math.scalb(Math.abs((double) values[at + i]), BIAS - exponent));
      chosen[i] = place > 0 && values[at + i] < 0 ? place | SIGN : place;
    }
    NUMBERS.write(chosen, blocks, offset + 1);
  }

  private static int nearest(double doubled) {
    int place = 0;
    while (place < DOUBLED.length - 1 && doubled - DOUBLED[place] > DOUBLED[place + 1] - doubled) {
      place++;
    }
    return place;
  }
}

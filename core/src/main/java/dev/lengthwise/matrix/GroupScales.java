package dev.lengthwise.matrix;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/// Scales of [RowGroups], one for each row of a vector, as floats.
final class GroupScales {

  // Half of the smallest normal number, for the exponent 0.
  private static final int SMALLEST = 0x00400000;

  private GroupScales() {}

  /// Finite halves. Sign, exponent and fraction are moved to the places that they have in a float,
  /// which then is 2¹¹² too small.
  static FloatVector halves(long address) {
    return ((IntVector)
            ShortVector.fromMemorySegment(
                    Lanes.SHORTS, Memory.ALL, Memory.known(address), Memory.ORDER)
                .convertShape(VectorOperators.S2I, Lanes.INTS, 0))
        .lanewise(VectorOperators.LSHL, 13)
        .and(0x8fffe000)
        .reinterpretAsFloats()
        .mul(0x1p112f);
  }

  /// Whole numbers from 0 to 255.
  static FloatVector unsigned(long address) {
    return (FloatVector) bytes(address).convert(VectorOperators.I2F, 0);
  }

  /// Whole numbers from −128 to 127.
  static FloatVector signed(long address) {
    return (FloatVector)
        ByteVector.fromMemorySegment(Lanes.BYTES, Memory.ALL, Memory.known(address), Memory.ORDER)
            .convertShape(VectorOperators.B2F, Lanes.FLOATS, 0);
  }

  /// Powers of two: `2^(e − 128)` of a byte `e` below 255.
  static FloatVector powers(long address) {
    return bytes(address)
        .lanewise(VectorOperators.LSHL, 23)
        .max(SMALLEST)
        .reinterpretAsFloats()
        .mul(0.5f);
  }

  private static IntVector bytes(long address) {
    return (IntVector)
        ByteVector.fromMemorySegment(Lanes.BYTES, Memory.ALL, Memory.known(address), Memory.ORDER)
            .convertShape(VectorOperators.ZERO_EXTEND_B2I, Lanes.INTS, 0);
  }
}

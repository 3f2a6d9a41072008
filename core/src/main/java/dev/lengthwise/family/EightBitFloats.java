package dev.lengthwise.family;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.checkpoint.TensorEntry;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.stream.Stream;

/// Matrices of floats of eight bits in Hugging Face's files, with scales beside them: of blocks of
/// 128 × 128 weights (`weight_scale_inv`, as DeepSeek-V3 has them), of rows, or one for all
/// (`weight_scale`). A weight is its float times its scale.
///
/// Here they become numbers of four bytes when the file is opened. The formats E4M3 (without
/// infinities) and E5M2 are those of the OCP "8-bit Floating Point Specification", 1.0.
final class EightBitFloats {

  private static final String BLOCKS = "_scale_inv";
  private static final String SCALE = "_scale";

  private EightBitFloats() {}

  /// Whether a tensor holds such floats.
  static boolean isOf(TensorEntry entry) {
    return entry.type() == DataType.F8_E4M3 || entry.type() == DataType.F8_E5M2;
  }

  /// The name of the tensor of scales beside one of floats, where there is one.
  static Optional<String> scalesOf(Checkpoint checkpoint, String name) {
    return Stream.of(name + BLOCKS, name + SCALE)
        .filter(checkpoint.tensors()::containsKey)
        .findFirst();
  }

  /// The weights of a tensor and its scales, as floats of 32 bits.
  ///
  /// @param floats `[rows, columns]`, or any shape where there is one scale or none
  /// @throws LengthwiseException where the scales do not fit
  static TensorEntry of(Checkpoint checkpoint, TensorEntry floats) {
    long rows = floats.rows();
    long columns = floats.rowLength();
    Scales scales =
        scalesOf(checkpoint, floats.name())
            .map(name -> Scales.of(checkpoint, checkpoint.tensor(name), rows, columns))
            .orElse(new Scales(new float[] {1}, rows, columns, 1));
    MemorySegment weights = Arena.ofAuto().allocate(floats.elements() * Float.BYTES, 64);
    boolean wide = floats.type() == DataType.F8_E5M2;
    for (long row = 0; row < rows; row++) {
      for (long column = 0; column < columns; column++) {
        long at = row * columns + column;
        int bits = Byte.toUnsignedInt(floats.data().get(ValueLayout.JAVA_BYTE, at));
        float weight = wide ? fiveTwo(bits) : fourThree(bits);
        weights.setAtIndex(ValueLayout.JAVA_FLOAT, at, weight * scales.of(row, column));
      }
    }
    return new TensorEntry(floats.name(), DataType.F32, floats.shape(), weights, floats.source());
  }

  /// The value of an E4M3 float: bias 7, largest 448, no infinities.
  static float fourThree(int bits) {
    int exponent = (bits >> 3) & 0xf;
    int fraction = bits & 7;
    if (exponent == 0xf && fraction == 7) {
      return Float.NaN;
    }
    float size =
        exponent == 0 ? Math.scalb((float) fraction, -9) : Math.scalb(8f + fraction, exponent - 10);
    return (bits & 0x80) == 0 ? size : -size;
  }

  /// The value of an E5M2 float: the upper half of an IEEE half.
  static float fiveTwo(int bits) {
    return Float.float16ToFloat((short) (bits << 8));
  }

  /// The scales of a matrix.
  ///
  /// @param values by rows of blocks
  /// @param height rows of a block
  /// @param width columns of a block
  /// @param across blocks in a row of blocks
  @SuppressWarnings("ArrayRecordComponent") // read as soon as it is made
  private record Scales(float[] values, long height, long width, long across) {

    private static final long BLOCK = 128;

    static Scales of(Checkpoint checkpoint, TensorEntry scales, long rows, long columns) {
      float[] values = scales.toFloats();
      long down = Math.ceilDiv(rows, BLOCK);
      long across = Math.ceilDiv(columns, BLOCK);
      if (scales.name().endsWith(BLOCKS) && values.length == down * across) {
        return new Scales(values, BLOCK, BLOCK, across);
      }
      if (values.length == 1) {
        return new Scales(values, rows, columns, 1);
      }
      if (values.length == rows) {
        return new Scales(values, 1, columns, 1);
      }
      throw new LengthwiseException(
          "Tensor \"%s\" of %s has %d scales for %d rows of %d weights; expected one, one for each row, or %d for blocks of %d × %d."
              .formatted(
                  scales.name(),
                  checkpoint.path(),
                  values.length,
                  rows,
                  columns,
                  down * across,
                  BLOCK,
                  BLOCK));
    }

    float of(long row, long column) {
      return values[Math.toIntExact(row / height * across + column / width)];
    }
  }
}

package dev.lengthwise.family;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.checkpoint.TensorEntry;
import dev.lengthwise.matrix.BlockScales;
import dev.lengthwise.matrix.WeightMatrix;
import dev.lengthwise.quantised.EightBitFloat;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.stream.Stream;

/// Matrices of floats of eight bits in Hugging Face's files, with scales beside them: of blocks of
/// 128 × 128 weights (`weight_scale_inv`, as DeepSeek-V3 has them), of rows, or one for all
/// (`weight_scale`). A weight is its float times its scale.
///
/// Matrices are used as they lie ([WeightMatrix#scales]); for libtorch they become floats of four
/// bytes. The formats are those of [EightBitFloat].
final class EightBitFloats {

  private static final String BLOCKS = "_scale_inv";
  private static final String SCALE = "_scale";
  private static final int BLOCK = 128;

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
    BlockScales scales = scales(checkpoint, floats);
    MemorySegment weights = Arena.ofAuto().allocate(floats.elements() * Float.BYTES, 64);
    EightBitFloat format =
        floats.type() == DataType.F8_E5M2 ? EightBitFloat.E5M2 : EightBitFloat.E4M3;
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        long at = row * columns + column;
        int bits = Byte.toUnsignedInt(floats.data().get(ValueLayout.JAVA_BYTE, at));
        float weight = format.decode(bits) * scales.of(row, column);
        weights.setAtIndex(ValueLayout.JAVA_FLOAT, at, weight);
      }
    }
    return new TensorEntry(floats.name(), DataType.F32, floats.shape(), weights, floats.source());
  }

  /// The factors beside a tensor; all are 1 where the file has none.
  ///
  /// @throws LengthwiseException where their number does not fit
  static BlockScales scales(Checkpoint checkpoint, TensorEntry floats) {
    int rows = Math.toIntExact(floats.rows());
    int columns = Math.toIntExact(floats.rowLength());
    return scalesOf(checkpoint, floats.name())
        .map(name -> scales(checkpoint, checkpoint.tensor(name), rows, columns))
        .orElse(new BlockScales(new float[] {1}, rows, columns, 1, 0));
  }

  private static BlockScales scales(
      Checkpoint checkpoint, TensorEntry scales, int rows, int columns) {
    float[] values = scales.toFloats();
    int down = Math.ceilDiv(rows, BLOCK);
    int across = Math.ceilDiv(columns, BLOCK);
    if (scales.name().endsWith(BLOCKS) && values.length == down * across) {
      return new BlockScales(values, BLOCK, BLOCK, across, 0);
    }
    if (values.length == 1) {
      return new BlockScales(values, rows, columns, 1, 0);
    }
    if (values.length == rows) {
      return new BlockScales(values, 1, columns, 1, 0);
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
}

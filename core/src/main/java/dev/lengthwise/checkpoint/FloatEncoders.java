package dev.lengthwise.checkpoint;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.quantised.Bfloat16;
import dev.lengthwise.quantised.QuantisedType;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// The encoders of the types that can be written from floats. Output is little-endian.
public final class FloatEncoders {

  private FloatEncoders() {}

  /// The encoder of a type; empty when floats cannot be stored as this type.
  public static Optional<FloatEncoder> of(DataType type) {
    return type.quantised().map(FloatEncoders::blocks).or(() -> plain(type));
  }

  private static Optional<FloatEncoder> plain(DataType type) {
    return switch (type) {
      case F32 -> Optional.of(FloatEncoders::f32);
      case F16 -> Optional.of(FloatEncoders::f16);
      case BF16 -> Optional.of(FloatEncoders::bf16);
      default -> Optional.empty();
    };
  }

  private static void f32(float[] values, MemorySegment data, long offset) {
    for (int i = 0; i < values.length; i++) {
      data.set(LittleEndian.F32, offset + (long) i * Float.BYTES, finite(values[i]));
    }
  }

  private static void f16(float[] values, MemorySegment data, long offset) {
    for (int i = 0; i < values.length; i++) {
      short half = Float.floatToFloat16(finite(values[i]));
      if (!Float.isFinite(Float.float16ToFloat(half))) {
        throw new LengthwiseException(
            "The weight "
                + values[i]
                + " is beyond 65504, the largest number of f16; take f32 or bf16.");
      }
      data.set(LittleEndian.I16, offset + (long) i * Short.BYTES, half);
    }
  }

  /// Rounds to the nearest, of two as near to the even one; the largest floats, which would become
  /// infinite, are cut instead.
  private static void bf16(float[] values, MemorySegment data, long offset) {
    for (int i = 0; i < values.length; i++) {
      short rounded = Bfloat16.round(finite(values[i]));
      short cut = (short) (Float.floatToRawIntBits(values[i]) >>> 16);
      short kept = Float.isFinite(Bfloat16.value(rounded)) ? rounded : cut;
      data.set(LittleEndian.I16, offset + (long) i * Short.BYTES, kept);
    }
  }

  private static float finite(float value) {
    if (!Float.isFinite(value)) {
      throw new LengthwiseException(
          "A weight is %s, expected finite numbers only; the file is damaged or its training diverged."
              .formatted(Float.isNaN(value) ? "not a number" : "infinite"));
    }
    return value;
  }

  /// The encoder of a block format: one block after the other.
  private static FloatEncoder blocks(QuantisedType type) {
    return (values, data, offset) -> {
      for (int block = 0; block < values.length / type.blockSize(); block++) {
        long at = offset + (long) block * type.blockBytes();
        type.codec().encode(values, block * type.blockSize(), data, at);
      }
    };
  }
}

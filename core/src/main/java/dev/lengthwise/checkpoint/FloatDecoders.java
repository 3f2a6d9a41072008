package dev.lengthwise.checkpoint;

import dev.lengthwise.quantised.QuantisedType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/// The decoders of the readable types; block formats are those of [QuantisedType].
///
/// Input is little-endian at any address.
final class FloatDecoders {

  private static final ValueLayout.OfFloat OUT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private static final Map<DataType, FloatDecoder> DECODERS =
      new EnumMap<>(
          Map.ofEntries(
              Map.entry(DataType.F64, FloatDecoders::f64),
              Map.entry(DataType.F32, FloatDecoders::f32),
              Map.entry(DataType.F16, FloatDecoders::f16),
              Map.entry(DataType.BF16, FloatDecoders::bf16),
              Map.entry(DataType.I64, FloatDecoders::i64),
              Map.entry(DataType.I32, FloatDecoders::i32),
              Map.entry(DataType.I16, FloatDecoders::i16),
              Map.entry(DataType.I8, FloatDecoders::i8),
              Map.entry(DataType.U8, FloatDecoders::u8),
              Map.entry(DataType.BOOL, FloatDecoders::u8)));

  private FloatDecoders() {}

  /// The decoder of a type; empty when the type cannot be read.
  static Optional<FloatDecoder> of(DataType type) {
    return type.quantised()
        .map(FloatDecoders::blocks)
        .or(() -> Optional.ofNullable(DECODERS.get(type)));
  }

  private static void f64(MemorySegment data, long elements, MemorySegment floats) {
    for (long i = 0; i < elements; i++) {
      floats.setAtIndex(OUT, i, (float) data.getAtIndex(LittleEndian.F64, i));
    }
  }

  private static void f32(MemorySegment data, long elements, MemorySegment floats) {
    for (long i = 0; i < elements; i++) {
      floats.setAtIndex(OUT, i, data.getAtIndex(LittleEndian.F32, i));
    }
  }

  private static void f16(MemorySegment data, long elements, MemorySegment floats) {
    for (long i = 0; i < elements; i++) {
      floats.setAtIndex(OUT, i, Float.float16ToFloat(data.getAtIndex(LittleEndian.I16, i)));
    }
  }

  private static void bf16(MemorySegment data, long elements, MemorySegment floats) {
    for (long i = 0; i < elements; i++) {
      floats.setAtIndex(OUT, i, Float.intBitsToFloat(data.getAtIndex(LittleEndian.I16, i) << 16));
    }
  }

  private static void i64(MemorySegment data, long elements, MemorySegment floats) {
    for (long i = 0; i < elements; i++) {
      floats.setAtIndex(OUT, i, (float) data.getAtIndex(LittleEndian.I64, i));
    }
  }

  private static void i32(MemorySegment data, long elements, MemorySegment floats) {
    for (long i = 0; i < elements; i++) {
      floats.setAtIndex(OUT, i, (float) data.getAtIndex(LittleEndian.I32, i));
    }
  }

  private static void i16(MemorySegment data, long elements, MemorySegment floats) {
    for (long i = 0; i < elements; i++) {
      floats.setAtIndex(OUT, i, data.getAtIndex(LittleEndian.I16, i));
    }
  }

  private static void i8(MemorySegment data, long elements, MemorySegment floats) {
    for (long i = 0; i < elements; i++) {
      floats.setAtIndex(OUT, i, data.get(ValueLayout.JAVA_BYTE, i));
    }
  }

  private static void u8(MemorySegment data, long elements, MemorySegment floats) {
    for (long i = 0; i < elements; i++) {
      floats.setAtIndex(OUT, i, data.get(ValueLayout.JAVA_BYTE, i) & 0xff);
    }
  }

  /// The decoder of a block format: one block after the other.
  private static FloatDecoder blocks(QuantisedType type) {
    return (data, elements, floats) -> {
      float[] values = new float[type.blockSize()];
      for (long block = 0; block < elements / type.blockSize(); block++) {
        type.codec().decode(data, block * type.blockBytes(), values, 0);
        MemorySegment.copy(
            values, 0, floats, OUT, block * type.blockSize() * Float.BYTES, values.length);
      }
    };
  }
}

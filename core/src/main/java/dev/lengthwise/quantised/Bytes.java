package dev.lengthwise.quantised;

import dev.lengthwise.LengthwiseException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The parts of which blocks are made, at any address.
final class Bytes {

  private static final ValueLayout.OfShort I16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt I32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Bytes() {}

  static int signed(MemorySegment blocks, long offset) {
    return blocks.get(ValueLayout.JAVA_BYTE, offset);
  }

  static int unsigned(MemorySegment blocks, long offset) {
    return blocks.get(ValueLayout.JAVA_BYTE, offset) & 0xff;
  }

  /// Writes the low eight bits of `value`.
  static void put(MemorySegment blocks, long offset, int value) {
    blocks.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
  }

  static int word(MemorySegment blocks, long offset) {
    return blocks.get(I32, offset);
  }

  static void putWord(MemorySegment blocks, long offset, int value) {
    blocks.set(I32, offset, value);
  }

  static float half(MemorySegment blocks, long offset) {
    return Float.float16ToFloat(blocks.get(I16, offset));
  }

  /// Writes a scale or minimum in half precision.
  static void putHalf(MemorySegment blocks, long offset, float value) {
    short half = Float.floatToFloat16(value);
    if (!Float.isFinite(Float.float16ToFloat(half))) {
      throw new LengthwiseException(
          "A block of weights needs the scale %s, but the largest of half precision is 65504; take a type without blocks, such as f32 or bf16."
              .formatted(value));
    }
    blocks.set(I16, offset, half);
  }
}

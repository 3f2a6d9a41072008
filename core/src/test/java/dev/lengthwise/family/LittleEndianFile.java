package dev.lengthwise.family;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// Bytes of a small file in the making.
final class LittleEndianFile {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  LittleEndianFile ints(int... values) {
    ByteBuffer buffer = buffer(values.length * Integer.BYTES);
    for (int value : values) {
      buffer.putInt(value);
    }
    bytes.writeBytes(buffer.array());
    return this;
  }

  LittleEndianFile longs(long... values) {
    ByteBuffer buffer = buffer(values.length * Long.BYTES);
    for (long value : values) {
      buffer.putLong(value);
    }
    bytes.writeBytes(buffer.array());
    return this;
  }

  LittleEndianFile floats(float... values) {
    ByteBuffer buffer = buffer(values.length * Float.BYTES);
    for (float value : values) {
      buffer.putFloat(value);
    }
    bytes.writeBytes(buffer.array());
    return this;
  }

  /// Text without its length.
  LittleEndianFile ascii(String text) {
    bytes.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    return this;
  }

  /// Text behind its 64-bit length.
  LittleEndianFile string(String text) {
    return longs(text.length()).ascii(text);
  }

  LittleEndianFile padTo(int alignment) {
    while (bytes.size() % alignment != 0) {
      bytes.write(0);
    }
    return this;
  }

  byte[] bytes() {
    return bytes.toByteArray();
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}

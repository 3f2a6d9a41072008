package dev.lengthwise.family;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// Bytes of a small file in the making.
final class LittleEndianFile {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  LittleEndianFile ints(int... values) {
    byte[] encoded = new byte[values.length * Integer.BYTES];
    ByteBuffer buffer = littleEndian(encoded);
    for (int value : values) {
      buffer.putInt(value);
    }
    bytes.writeBytes(encoded);
    return this;
  }

  LittleEndianFile longs(long... values) {
    byte[] encoded = new byte[values.length * Long.BYTES];
    ByteBuffer buffer = littleEndian(encoded);
    for (long value : values) {
      buffer.putLong(value);
    }
    bytes.writeBytes(encoded);
    return this;
  }

  LittleEndianFile floats(float... values) {
    byte[] encoded = new byte[values.length * Float.BYTES];
    ByteBuffer buffer = littleEndian(encoded);
    for (float value : values) {
      buffer.putFloat(value);
    }
    bytes.writeBytes(encoded);
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

  private static ByteBuffer littleEndian(byte[] target) {
    return ByteBuffer.wrap(target).order(ByteOrder.LITTLE_ENDIAN);
  }
}

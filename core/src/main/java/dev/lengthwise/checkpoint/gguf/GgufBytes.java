package dev.lengthwise.checkpoint.gguf;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Little-endian bytes of the header of a GGUF file in the making.
final class GgufBytes {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  GgufBytes i32(int value) {
    return whole(value, Integer.BYTES);
  }

  GgufBytes i64(long value) {
    return whole(value, Long.BYTES);
  }

  GgufBytes f32(float value) {
    return i32(Float.floatToRawIntBits(value));
  }

  GgufBytes raw(byte... values) {
    bytes.writeBytes(values);
    return this;
  }

  /// A text behind its 64-bit length.
  GgufBytes text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return i64(utf8.length).raw(utf8);
  }

  private GgufBytes whole(long value, int size) {
    for (int i = 0; i < size; i++) {
      bytes.write((int) (value >>> (i * Byte.SIZE)));
    }
    return this;
  }

  byte[] bytes() {
    return bytes.toByteArray();
  }
}

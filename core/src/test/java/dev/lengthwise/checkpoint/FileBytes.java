package dev.lengthwise.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Builds little-endian files for tests.
public final class FileBytes {

  private ByteBuffer buffer = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);

  public FileBytes u8(int... values) {
    for (int value : values) {
      room(1).put((byte) value);
    }
    return this;
  }

  public FileBytes i16(int value) {
    room(2).putShort((short) value);
    return this;
  }

  public FileBytes i32(int... values) {
    for (int value : values) {
      room(4).putInt(value);
    }
    return this;
  }

  public FileBytes i64(long... values) {
    for (long value : values) {
      room(8).putLong(value);
    }
    return this;
  }

  public FileBytes f32(float... values) {
    for (float value : values) {
      room(4).putFloat(value);
    }
    return this;
  }

  public FileBytes f64(double value) {
    room(8).putDouble(value);
    return this;
  }

  public FileBytes ascii(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    room(bytes.length).put(bytes);
    return this;
  }

  /// A GGUF string: 64-bit length and bytes.
  public FileBytes string(String text) {
    return i64(text.getBytes(StandardCharsets.UTF_8).length).ascii(text);
  }

  public FileBytes padTo(int alignment) {
    while (buffer.position() % alignment != 0) {
      u8(0);
    }
    return this;
  }

  public byte[] bytes() {
    byte[] bytes = new byte[buffer.position()];
    buffer.get(0, bytes);
    return bytes;
  }

  public Path writeTo(Path file) {
    return write(file, bytes());
  }

  public static Path write(Path file, byte[] bytes) {
    try {
      return Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ByteBuffer room(int bytes) {
    if (buffer.remaining() < bytes) {
      buffer =
          ByteBuffer.allocate(2 * (buffer.position() + bytes))
              .order(ByteOrder.LITTLE_ENDIAN)
              .put(buffer.flip());
    }
    return buffer;
  }
}

package dev.lengthwise.checkpoint.gguf;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// Reads little-endian values one after the other; every step is checked against the end of the
/// file. For one thread.
final class GgufReader {

  private final Path file;
  private final MemorySegment bytes;
  private long position;

  GgufReader(Path file, MemorySegment bytes) {
    this.file = file;
    this.bytes = bytes;
  }

  Path file() {
    return file;
  }

  long position() {
    return position;
  }

  /// Goes back to an earlier position.
  void rewindTo(long earlier) {
    if (earlier < 0 || earlier > position) {
      throw new IllegalArgumentException("cannot rewind from " + position + " to " + earlier);
    }
    position = earlier;
  }

  byte i8() {
    return bytes.get(ValueLayout.JAVA_BYTE, advance(Byte.BYTES));
  }

  short i16() {
    return bytes.get(LittleEndian.I16, advance(Short.BYTES));
  }

  int i32() {
    return bytes.get(LittleEndian.I32, advance(Integer.BYTES));
  }

  long i64() {
    return bytes.get(LittleEndian.I64, advance(Long.BYTES));
  }

  float f32() {
    return bytes.get(LittleEndian.F32, advance(Float.BYTES));
  }

  double f64() {
    return bytes.get(LittleEndian.F64, advance(Double.BYTES));
  }

  /// Moves over `count` bytes and returns where they begin.
  long advance(long count) {
    long start = position;
    if (count < 0 || count > bytes.byteSize() - start) {
      throw bad(
          "it ends at byte "
              + bytes.byteSize()
              + ", but "
              + Long.toUnsignedString(count)
              + " bytes are expected at "
              + start);
    }
    position = start + count;
    return start;
  }

  /// A 64-bit number of things, each of at least `smallest` bytes, that can still follow.
  long count(String what, long smallest) {
    long count = i64();
    long most = (bytes.byteSize() - position) / smallest;
    if (count < 0 || count > most) {
      throw bad(
          "it claims "
              + Long.toUnsignedString(count)
              + " "
              + what
              + " at byte "
              + (position - Long.BYTES)
              + ", but at most "
              + most
              + " fit");
    }
    return count;
  }

  /// A text behind its 64-bit length, of at most `longest` bytes.
  String string(int longest) {
    long length = count("bytes of text", 1);
    if (length > longest) {
      throw bad(
          "it has a text of "
              + length
              + " bytes at byte "
              + position
              + ", at most "
              + longest
              + " are allowed");
    }
    byte[] text = bytes.asSlice(advance(length), length).toArray(ValueLayout.JAVA_BYTE);
    return new String(text, StandardCharsets.UTF_8);
  }

  /// Moves over a text behind its length.
  void skipString() {
    advance(count("bytes of text", 1));
  }

  LengthwiseException bad(String problem) {
    return new LengthwiseException(
        "File "
            + file
            + " is not a valid GGUF file: "
            + problem
            + ". It is damaged or incomplete; fetch it again.");
  }
}

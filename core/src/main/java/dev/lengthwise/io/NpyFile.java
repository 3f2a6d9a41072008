package dev.lengthwise.io;

import dev.lengthwise.LengthwiseException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A matrix of f32 in numpy's `.npy`, mapped. [NpyWriter] writes such files.
///
/// Source: the format description in numpy's documentation, `numpy.lib.format`.
///
/// @param numbers `[rows, columns]`
/// @param rows at least 1
/// @param columns at least 1
public record NpyFile(MemorySegment numbers, int rows, int columns) {

  private static final String MAGIC = "\u0093NUMPY";
  private static final int VERSION_PLACE = 6;
  private static final int LENGTH_PLACE = 8;
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final Pattern TYPE = Pattern.compile("'descr': *'([^']*)'");
  private static final Pattern SHAPE = Pattern.compile("'shape': *\\(([^)]*)\\)");

  /// Maps a file.
  ///
  /// @param arena that keeps it mapped
  /// @throws LengthwiseException where it cannot be read, or holds no matrix of f32 row by row
  public static NpyFile map(Path file, Arena arena) {
    try (FileChannel channel = FileChannel.open(file)) {
      MemorySegment all = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      return of(all, file);
    } catch (IOException e) {
      throw new LengthwiseException("File " + file + " cannot be read: " + FileReason.of(e), e);
    }
  }

  private static NpyFile of(MemorySegment all, Path file) {
    if (all.byteSize() < LENGTH_PLACE + Integer.BYTES
        || !latin(all, 0, MAGIC.length()).equals(MAGIC)) {
      throw new LengthwiseException(
          "File %s is no .npy of numpy; make it with embed --out FILE.npy.".formatted(file));
    }
    boolean longHeader = all.get(ValueLayout.JAVA_BYTE, VERSION_PLACE) > 1;
    long length =
        longHeader ? all.get(INT, LENGTH_PLACE) : Short.toUnsignedInt(all.get(SHORT, LENGTH_PLACE));
    long begin = (long) LENGTH_PLACE + (longHeader ? Integer.BYTES : Short.BYTES);
    if (length < 0 || begin + length > all.byteSize()) {
      throw damaged(file, all.byteSize());
    }
    String header = latin(all, begin, Math.toIntExact(length));
    String type = found(TYPE, header);
    String[] shape = found(SHAPE, header).replace(" ", "").split(",");
    if (!type.equals("<f4") || header.contains("True") || shape.length != 2) {
      throw new LengthwiseException(
          "File %s holds %s of shape (%s); expected a matrix of f32, one vector a row: make it with embed --type F32."
              .formatted(file, type, String.join(", ", shape)));
    }
    int rows = number(shape[0]);
    int columns = number(shape[1]);
    long bytes = (long) rows * columns * Float.BYTES;
    if (rows < 1 || columns < 1 || all.byteSize() - begin - length != bytes) {
      throw damaged(file, all.byteSize());
    }
    return new NpyFile(all.asSlice(begin + length, bytes), rows, columns);
  }

  // −1 where it is greater than we hold.
  private static int number(String digits) {
    return digits.matches("\\d{1,9}") ? Integer.parseInt(digits) : -1;
  }

  private static LengthwiseException damaged(Path file, long bytes) {
    return new LengthwiseException(
        "File %s has %d bytes, which its header does not fit; write it again."
            .formatted(file, bytes));
  }

  private static String found(Pattern pattern, String header) {
    Matcher matcher = pattern.matcher(header);
    return matcher.find() ? matcher.group(1) : "nothing known";
  }

  private static String latin(MemorySegment all, long from, int length) {
    byte[] bytes = all.asSlice(from, length).toArray(ValueLayout.JAVA_BYTE);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}

package dev.lengthwise.train.data;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.Sha256;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;

/// Whole numbers in a memory-mapped file, little-endian, without sign where they are short.
final class NumberFile {

  private static final ValueLayout.OfShort TWO =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt FOUR =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong EIGHT =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /// Bytes that are hashed at once: a mapped buffer has at most 2 GiB.
  private static final long PIECE = 1L << 28;

  private final MemorySegment numbers;
  private final int width;

  private NumberFile(MemorySegment numbers, int width) {
    this.numbers = numbers;
    this.width = width;
  }

  /// Maps a file and checks its size and SHA-256 against what the manifest says.
  ///
  /// @param arena unmaps it
  static NumberFile open(Path folder, ShardManifest.StoredFile stored, int width, Arena arena) {
    Path file = folder.resolve(stored.name());
    MemorySegment bytes = map(file, arena);
    if (bytes.byteSize() != stored.count() * width) {
      throw new LengthwiseException(
          "Shard file %s has %d bytes; its manifest expects %d numbers of %d bytes; prepare the"
                  .formatted(file, bytes.byteSize(), stored.count(), width)
              + " data again.");
    }
    MessageDigest digest = Sha256.digest();
    for (long at = 0; at < bytes.byteSize(); at += PIECE) {
      digest.update(bytes.asSlice(at, Math.min(PIECE, bytes.byteSize() - at)).asByteBuffer());
    }
    String found = Sha256.text(digest);
    if (!found.equals(stored.sha256())) {
      throw new LengthwiseException(
          "Shard file %s has SHA-256 %s; its manifest expects %s; prepare the data again."
              .formatted(file, found, stored.sha256()));
    }
    return new NumberFile(bytes, width);
  }

  private static MemorySegment map(Path file, Arena arena) {
    try (FileChannel channel = FileChannel.open(file)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    } catch (IOException e) {
      throw new LengthwiseException(
          "Shard file " + file + " cannot be read: " + e + "; prepare the data again.", e);
    }
  }

  /// The number at `index`.
  long get(long index) {
    return switch (width) {
      case 2 -> Short.toUnsignedLong(numbers.get(TWO, index * 2));
      case 4 -> numbers.get(FOUR, index * 4);
      default -> numbers.get(EIGHT, index * 8);
    };
  }
}

package dev.lengthwise.checkpoint;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.FileReason;
import dev.lengthwise.io.GitLfsPointer;
import dev.lengthwise.io.Sha256;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The memory mappings of one checkpoint and their common lifetime. Any thread may read and close.
public final class MappedFiles implements AutoCloseable {

  private static final long HASH_CHUNK = 1L << 26;

  private final Arena arena = Arena.ofShared();
  private final List<MemorySegment> segments = new ArrayList<>();
  private @Nullable String sha256;

  /// Maps a whole file read-only.
  public MemorySegment map(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      GitLfsPointer.requireNone(file);
      MemorySegment segment = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      segments.add(segment);
      return segment;
    } catch (NoSuchFileException e) {
      throw new LengthwiseException("File " + file + " does not exist.", e);
    } catch (IOException e) {
      throw new LengthwiseException("File " + file + " cannot be read: " + FileReason.of(e), e);
    }
  }

  /// Memory that lives as long as the mappings.
  public MemorySegment allocate(long bytes, long alignment) {
    return arena.allocate(bytes, alignment);
  }

  /// SHA-256 of all mapped files, one after the other, in hexadecimal; computed once.
  public synchronized String sha256() {
    if (sha256 == null) {
      MessageDigest digest = Sha256.digest();
      for (MemorySegment segment : segments) {
        for (long start = 0; start < segment.byteSize(); start += HASH_CHUNK) {
          long size = Math.min(HASH_CHUNK, segment.byteSize() - start);
          digest.update(segment.asSlice(start, size).asByteBuffer());
        }
      }
      sha256 = Sha256.text(digest);
    }
    return sha256;
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}

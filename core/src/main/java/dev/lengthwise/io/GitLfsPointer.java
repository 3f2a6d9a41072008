package dev.lengthwise.io;

import dev.lengthwise.LengthwiseException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// The few lines of text that a clone without Git LFS leaves in the place of a large file.
public final class GitLfsPointer {

  private static final String START = "version https://git-lfs";
  private static final long LARGEST = 1024;

  private GitLfsPointer() {}

  /// Refuses such a file: readers of weights would only say that it is damaged.
  ///
  /// @throws LengthwiseException when `file` is one
  /// @throws IOException when it cannot be read
  public static void requireNone(Path file) throws IOException {
    long size = Files.size(file);
    if (size < START.length() || size > LARGEST) {
      return;
    }
    if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).startsWith(START)) {
      throw new LengthwiseException(
          "File %s is a pointer of Git LFS, %d bytes of text in the place of a large file; fetch that one with  git lfs pull, or download it."
              .formatted(file, size));
    }
  }
}

package dev.lengthwise.tokenizer.open;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.FileReason;
import dev.lengthwise.io.GitLfsPointer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

/// Reading tokenizer files: whole, with clear errors.
final class Sources {

  /// Larger than any tokenizer file known (the largest are about 30 MB).
  private static final long LARGEST = 512L << 20;

  private Sources() {}

  // A UTF-8 byte order mark, which some editors put before JSON.
  private static byte[] withoutMark(byte[] bytes) {
    return bytes.length > 3
            && bytes[0] == (byte) 0xEF
            && bytes[1] == (byte) 0xBB
            && bytes[2] == (byte) 0xBF
        ? Arrays.copyOfRange(bytes, 3, bytes.length)
        : bytes;
  }

  /// All bytes of `file`, without a byte order mark.
  static byte[] read(Path file) {
    try {
      long size = Files.size(file);
      if (Files.isDirectory(file)) {
        throw new LengthwiseException(
            file + " is a folder: expected a tokenizer file; name the file inside it");
      }
      if (size == 0) {
        throw new LengthwiseException(
            file + " is empty: expected a tokenizer; fetch the file again");
      }
      GitLfsPointer.requireNone(file);
      if (size > LARGEST) {
        throw new LengthwiseException(
            file
                + " has "
                + size
                + " bytes: expected a tokenizer of at most "
                + LARGEST
                + "; is this the file of the weights?");
      }
      return withoutMark(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      throw new LengthwiseException("there is no file " + file + ": expected a tokenizer", e);
    } catch (IOException e) {
      throw new LengthwiseException(
          "cannot read the tokenizer " + file + ": " + FileReason.of(e), e);
    }
  }
}

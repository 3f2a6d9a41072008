package dev.lengthwise.tokenizer.open;

import dev.lengthwise.LengthwiseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// Reading tokenizer files: whole, with clear errors.
final class Sources {

  /// Larger than any tokenizer file known (the largest are about 30 MB).
  private static final long LARGEST = 512L << 20;

  private Sources() {}

  /// All bytes of `file`.
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
      if (size > LARGEST) {
        throw new LengthwiseException(
            file
                + " has "
                + size
                + " bytes: expected a tokenizer of at most "
                + LARGEST
                + "; is this the file of the weights?");
      }
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new LengthwiseException("there is no file " + file + ": expected a tokenizer", e);
    } catch (IOException e) {
      throw new LengthwiseException("cannot read the tokenizer " + file + ": " + e.getMessage(), e);
    }
  }
}

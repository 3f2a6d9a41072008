package dev.lengthwise.app.options;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.FileReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Folders of results, which are made before anything is measured, so that a wrong one costs no
/// time.
public final class ResultPlace {

  private ResultPlace() {}

  /// Makes the folder of results.
  public static void make(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new LengthwiseException(
          "Cannot make the folder "
              + folder
              + " for the results: "
              + FileReason.of(e)
              + "; name another one",
          e);
    }
  }

  /// Makes the folder of a file of results.
  ///
  /// @throws LengthwiseException where the file cannot be written
  public static void makeFor(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      make(folder);
    }
    if (folder == null || Files.isDirectory(file) || !Files.isWritable(folder)) {
      throw new LengthwiseException("Cannot write the report to " + file + "; name another file");
    }
  }
}

package dev.lengthwise.app.options;

import dev.lengthwise.LengthwiseException;
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
          "Cannot make the folder " + folder + " for the results (" + e + "); name another one", e);
    }
  }
}

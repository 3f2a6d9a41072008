package dev.lengthwise.app;

import dev.lengthwise.LengthwiseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Folders of results, which are made before anything is measured, so that a wrong one costs no
/// time.
final class ResultPlace {

  private ResultPlace() {}

  static void make(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new LengthwiseException(
          "Cannot make the folder " + folder + " for the results (" + e + "); name another one", e);
    }
  }
}

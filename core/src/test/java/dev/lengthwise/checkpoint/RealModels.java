package dev.lengthwise.checkpoint;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/// Finds files of `shared/data` beside the repository; a test without them is skipped.
public final class RealModels {

  private RealModels() {}

  public static Path file(String name) {
    for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
      Path file = folder.resolve("shared/data").resolve(name);
      if (Files.exists(file)) {
        return file;
      }
    }
    assumeTrue(false, "shared/data/" + name + " is absent");
    throw new AssertionError();
  }
}

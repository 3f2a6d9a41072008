package dev.lengthwise.tokenizer;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/// The folder with real data, which lies beside the checkout where it is present.
public final class SharedData {

  private SharedData() {}

  /// The file `relative` of `shared/data`; the test is skipped, saying so, where it is absent.
  public static Path file(String relative) {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null && !Files.isDirectory(folder.resolve("shared/data"))) {
      folder = folder.getParent();
    }
    Path file = folder == null ? Path.of(relative) : folder.resolve("shared/data", relative);
    assumeTrue(Files.exists(file), "skipped: there is no shared/data/" + relative);
    return file;
  }
}

package dev.lengthwise.app.options;

import dev.lengthwise.LengthwiseException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Where the project lies, and what it ships: the launcher says so in the system property
/// `lengthwise.home`.
public record Home(Path folder) {

  /// Name of the bundled model.
  public static final String BUNDLED_MODEL = "java-5m";

  /// The project that the launcher names; else the current folder.
  public static Home find() {
    return new Home(Path.of(System.getProperty("lengthwise.home", ".")).toAbsolutePath());
  }

  /// The folder of the bundled models, one folder each.
  Path models() {
    return folder.resolve("models");
  }

  /// The sources of the library that no bundled model was trained on; Maven puts them there.
  public Path heldOutSources() {
    Path jar = folder.resolve("app/target/held-out-sources.jar");
    if (!Files.exists(jar)) {
      throw new LengthwiseException(
          "The evaluation document is not at "
              + jar
              + "; build once with 'mvn -DskipTests package', or give a text with -f");
    }
    return jar;
  }
}

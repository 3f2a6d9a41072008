package dev.lengthwise.app.options;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.FileReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Where the project lies, and what it ships: the launcher says so in the system property
/// `lengthwise.home`.
public record Home(Path folder) {

  /// Name of the bundled model.
  public static final String BUNDLED_MODEL = "java-5m";

  /// The project that the launcher names; else the current folder.
  public static Home find() {
    return new Home(Path.of(System.getProperty("lengthwise.home", ".")).toAbsolutePath());
  }

  /// The folder of a bundled model, if there is one of that name.
  Optional<Path> bundledModel(String name) {
    Path model = folder.resolve("models").resolve(name);
    boolean plain = name.matches("[A-Za-z0-9._-]+");
    return plain && Files.isDirectory(model) ? Optional.of(model) : Optional.empty();
  }

  /// Names of the bundled models.
  List<String> bundledModels() {
    Path models = folder.resolve("models");
    if (!Files.isDirectory(models)) {
      return List.of();
    }
    try (Stream<Path> folders = Files.list(models)) {
      return folders
          .filter(Files::isDirectory)
          .map(path -> path.getFileName().toString())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new LengthwiseException(
          "Cannot list the bundled models in " + models + ": " + FileReason.of(e), e);
    }
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

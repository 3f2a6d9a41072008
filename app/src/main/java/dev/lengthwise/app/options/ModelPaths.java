package dev.lengthwise.app.options;

import dev.lengthwise.LengthwiseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// Where a model lies: a path, the name of a bundled model, or a hub id in the local hub cache.
///
/// @param home of the project
/// @param environment `HF_HUB_CACHE` and `HF_HOME`, as Hugging Face programs read them
public record ModelPaths(Home home, Map<String, String> environment) {

  /// Paths as the environment of this process has them.
  public ModelPaths(Home home) {
    this(home, System.getenv());
  }

  public ModelPaths {
    environment = Map.copyOf(environment);
  }

  /// The file or folder that `model` names.
  public Path resolve(String model) {
    Usage.require(!model.isBlank() && model.indexOf('\0') < 0, "The name of the model is empty");
    Path path = Path.of(model);
    if (Files.exists(path)) {
      return path;
    }
    Optional<Path> bundled = home.bundledModel(model);
    if (bundled.isPresent()) {
      return bundled.get();
    }
    if (model.matches("[\\w.-]+/[\\w.-]+")) {
      Optional<Path> cached = cached(model);
      if (cached.isPresent()) {
        return cached.get();
      }
    }
    throw new LengthwiseException(
        "There is no model '"
            + model
            + "': it is no file or folder, no bundled model "
            + home.bundledModels()
            + ", and not in the hub cache "
            + cacheFolder()
            + "; check the name or download it first");
  }

  // models--org--name/refs/main holds the name of a folder under snapshots.
  private Optional<Path> cached(String id) {
    Path folder = cacheFolder().resolve("models--" + id.replace("/", "--"));
    try {
      String revision = Files.readString(folder.resolve("refs").resolve("main")).strip();
      Path snapshot = folder.resolve("snapshots").resolve(revision);
      return Files.isDirectory(snapshot) ? Optional.of(snapshot) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private Path cacheFolder() {
    if (environment.containsKey("HF_HUB_CACHE")) {
      return Path.of(environment.get("HF_HUB_CACHE"));
    }
    String home =
        environment.getOrDefault(
            "HF_HOME", System.getProperty("user.home") + "/.cache/huggingface");
    return Path.of(home, "hub");
  }
}

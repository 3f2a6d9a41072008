package dev.lengthwise.runtime;

import dev.lengthwise.LengthwiseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Where a model lies: a path, the name of a bundled model, or a hub id in the local hub cache.
///
/// @param bundled folder of the bundled models, one folder each, where there are any
/// @param environment `HF_HUB_CACHE` and `HF_HOME`, as Hugging Face programs read them
/// @param revision branch, tag or commit of a hub id; empty: `main`, or the only one that is there
public record ModelPaths(
    Optional<Path> bundled, Map<String, String> environment, Optional<String> revision) {

  /// Copies the environment, and checks the revision.
  ///
  /// @throws IllegalArgumentException when the revision is no name of git
  public ModelPaths {
    environment = Map.copyOf(environment);
    revision.ifPresent(ModelPaths::requireRevision);
  }

  /// The file or folder that `model` names.
  ///
  /// @throws IllegalArgumentException when the name is empty, or a revision of a local model wanted
  /// @throws LengthwiseException when there is none
  public Path resolve(String model) {
    require(!model.isBlank() && model.indexOf('\0') < 0, "The name of the model is empty");
    Path path = Path.of(model);
    Optional<Path> local = Files.exists(path) ? Optional.of(path) : bundledModel(model);
    if (local.isPresent()) {
      require(
          revision.isEmpty(),
          "a revision is for models of the hub cache, and '" + model + "' is a local one");
      return local.get();
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
            + bundledModels()
            + ", and not in the hub cache "
            + cacheFolder()
            + "; check the name or download it first");
  }

  private Optional<Path> bundledModel(String name) {
    boolean plain = name.matches("[A-Za-z0-9._-]+");
    return bundled
        .map(folder -> folder.resolve(name))
        .filter(model -> plain && Files.isDirectory(model));
  }

  private List<String> bundledModels() {
    return bundled.stream()
        .flatMap(folder -> folders(folder).stream())
        .map(folder -> String.valueOf(folder.getFileName()))
        .toList();
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }

  // models--org--name/refs/main holds the name of a folder under snapshots. A cache that was filled
  // by commits, or copied, may have no refs.
  private Optional<Path> cached(String id) {
    Path folder = cacheFolder().resolve("models--" + id.replace("/", "--"));
    String wanted = revision.orElse("main");
    String commit = reference(folder.resolve("refs").resolve(wanted)).orElse(wanted);
    Path snapshot = folder.resolve("snapshots").resolve(commit);
    if (Files.isDirectory(snapshot)) {
      return Optional.of(snapshot);
    }
    List<Path> there = folders(folder.resolve("snapshots"));
    if (there.isEmpty() || (there.size() == 1 && revision.isEmpty())) {
      return there.stream().findFirst();
    }
    throw new LengthwiseException(
        "The hub cache has no revision '%s' of %s, only %s; name one of them (--revision)"
            .formatted(wanted, id, there.stream().map(Path::getFileName).toList()));
  }

  // A name of git: no way out of the folder of the model.
  private static void requireRevision(String revision) {
    require(
        revision.matches("\\w[\\w./-]*") && !revision.contains(".."),
        "the revision must be the name of a branch, tag or commit, found '" + revision + "'");
  }

  // An empty file, as a full disk leaves it, names nothing.
  private static Optional<String> reference(Path file) {
    try {
      return Optional.of(Files.readString(file).strip()).filter(name -> !name.isEmpty());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static List<Path> folders(Path folder) {
    try (Stream<Path> found = Files.list(folder)) {
      return found.filter(Files::isDirectory).sorted().toList();
    } catch (IOException e) {
      return List.of();
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

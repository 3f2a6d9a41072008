package dev.lengthwise.app.options;

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
/// @param home of the project
/// @param environment `HF_HUB_CACHE` and `HF_HOME`, as Hugging Face programs read them
/// @param revision branch, tag or commit of a hub id; empty: `main`, or the only one that is there
public record ModelPaths(Home home, Map<String, String> environment, Optional<String> revision) {

  /// Paths as the environment of this process has them.
  public ModelPaths(Home home, RevisionOption revision) {
    this(home, System.getenv(), Optional.ofNullable(revision.revision));
  }

  public ModelPaths {
    environment = Map.copyOf(environment);
  }

  /// The file or folder that `model` names.
  public Path resolve(String model) {
    Usage.require(!model.isBlank() && model.indexOf('\0') < 0, "The name of the model is empty");
    Path path = Path.of(model);
    revision.ifPresent(ModelPaths::requireRevision);
    Optional<Path> local = Files.exists(path) ? Optional.of(path) : home.bundledModel(model);
    if (local.isPresent()) {
      Usage.require(
          revision.isEmpty(),
          "--revision is for models of the hub cache, and '" + model + "' is a local one");
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
            + home.bundledModels()
            + ", and not in the hub cache "
            + cacheFolder()
            + "; check the name or download it first");
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
    List<Path> there = snapshots(folder.resolve("snapshots"));
    if (there.isEmpty() || (there.size() == 1 && revision.isEmpty())) {
      return there.stream().findFirst();
    }
    throw new LengthwiseException(
        "The hub cache has no revision '%s' of %s, only %s; name one with --revision"
            .formatted(wanted, id, there.stream().map(Path::getFileName).toList()));
  }

  // A name of git: no way out of the folder of the model.
  private static void requireRevision(String revision) {
    Usage.require(
        revision.matches("\\w[\\w./-]*") && !revision.contains(".."),
        "--revision must be the name of a branch, tag or commit, found '" + revision + "'");
  }

  // An empty file, as a full disk leaves it, names nothing.
  private static Optional<String> reference(Path file) {
    try {
      return Optional.of(Files.readString(file).strip()).filter(name -> !name.isEmpty());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static List<Path> snapshots(Path folder) {
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

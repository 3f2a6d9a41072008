package dev.lengthwise.runtime;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.hub.HubCache;
import dev.lengthwise.hub.HubName;
import dev.lengthwise.hub.HubSettings;
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

  private static final String HEADER = "config.json";

  /// Copies the environment, and checks the revision.
  ///
  /// @throws IllegalArgumentException when the revision is no name of git
  public ModelPaths {
    environment = Map.copyOf(environment);
    revision.ifPresent(
        name ->
            require(
                HubCache.isRevision(name),
                "the revision must be the name of a branch, tag or commit, found '" + name + "'"));
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
    Path cache = HubSettings.cache(environment, Path.of(System.getProperty("user.home")));
    Optional<HubName> name = HubName.parse(model);
    return name.flatMap(known -> new HubCache(cache).find(known, revision))
        .orElseThrow(
            () ->
                new LengthwiseException(
                    "There is no model '%s': it is no file or folder, no bundled model %s, and not in the hub cache %s; check the name%s"
                        .formatted(
                            model,
                            bundledModels(),
                            cache,
                            name.map(ModelPaths::advice).orElse(""))));
  }

  private static String advice(HubName name) {
    return ", or fetch it with  ./lengthwise pull " + name;
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

  private static List<Path> folders(Path folder) {
    try (Stream<Path> found = Files.list(folder)) {
      // Not those that hold settings only, such as `twins`.
      return found.filter(name -> Files.exists(name.resolve(HEADER))).sorted().toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}

package dev.lengthwise.app.options;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.hub.HubCache;
import dev.lengthwise.hub.HubName;
import dev.lengthwise.hub.HubSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// Where a model lies: a path, the name of a bundled model, or a hub id in the local hub cache.
///
/// @param home of the project
/// @param environment `HF_HUB_CACHE` and `HF_HOME`, as Hugging Face programs read them
/// @param revision branch, tag or commit of a hub id; empty: `main`, or the only one that is there
public record ModelPaths(Home home, Map<String, String> environment, Optional<String> revision) {

  /// Paths as the environment of this process has them.
  public ModelPaths(Home home, RevisionOption revision) {
    this(home, System.getenv(), revision.value());
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
    Path cache = HubSettings.cache(environment, Path.of(System.getProperty("user.home")));
    Optional<HubName> name = HubName.parse(model);
    return name.flatMap(known -> new HubCache(cache).find(known, revision))
        .orElseThrow(
            () ->
                new LengthwiseException(
                    "There is no model '%s': it is no file or folder, no bundled model %s, and not in the hub cache %s; check the name%s"
                        .formatted(
                            model,
                            home.bundledModels(),
                            cache,
                            name.map(ModelPaths::advice).orElse(""))));
  }

  private static String advice(HubName name) {
    return ", or fetch it with  ./lengthwise pull " + name;
  }

  /// Complains unless `revision` is a name of git.
  public static void requireRevision(String revision) {
    Usage.require(
        HubCache.isRevision(revision),
        "--revision must be the name of a branch, tag or commit, found '" + revision + "'");
  }
}

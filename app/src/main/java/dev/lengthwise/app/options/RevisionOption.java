package dev.lengthwise.app.options;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.hub.HubCache;
import dev.lengthwise.runtime.ModelPaths;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which revision of a model of the hub cache is meant.
public final class RevisionOption {

  @Option(
      names = "--revision",
      paramLabel = "REVISION",
      description =
          "Branch, tag or commit of a hub id; default: main, or the only one in the cache.")
  @Nullable String revision;

  /// The revision that is asked for, if one is.
  public Optional<String> value() {
    Usage.require(
        revision == null || HubCache.isRevision(revision),
        "--revision must be the name of a branch, tag or commit, found '" + revision + "'");
    return Optional.ofNullable(revision);
  }

  /// The file or folder that `model` names: a path, a bundled name, or a hub id in this revision.
  ///
  /// @throws LengthwiseException when there is none
  public Path resolve(String model) {
    return Usage.checked(
        () ->
            new ModelPaths(Optional.of(Home.find().models()), System.getenv(), value())
                .resolve(model));
  }
}

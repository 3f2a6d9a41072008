package dev.lengthwise.app.options;

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
    return Optional.ofNullable(revision);
  }
}

package dev.lengthwise.app.command;

import dev.lengthwise.app.options.RevisionOption;
import dev.lengthwise.encode.Recipes;
import dev.lengthwise.io.JsonFile;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.runtime.MatchTraining;
import dev.lengthwise.train.MatchConfig;
import java.nio.file.Path;

/// Trains an encoder on pairs of texts, where settings have a `task` block.
///
/// @param from the model as the user named it
/// @param revision which revision of a hub id
/// @param config the file of settings
record MatchStart(String from, RevisionOption revision, Path config) {

  /// Trains; the folder of the finished model.
  Path run(Path out) {
    MatchConfig settings = JsonFile.read(config, MatchConfig.class);
    Path path = Recipes.weightsOf(revision.resolve(from));
    try (Workers threads = new Workers(settings.threads())) {
      return MatchTraining.run(path, settings, out, threads, System.err::println);
    }
  }
}

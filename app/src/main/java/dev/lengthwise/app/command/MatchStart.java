package dev.lengthwise.app.command;

import dev.lengthwise.app.options.RevisionOption;
import dev.lengthwise.encode.Recipes;
import dev.lengthwise.family.HuggingFaceWriter;
import dev.lengthwise.family.TrainableModel;
import dev.lengthwise.io.JsonFile;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.runtime.OpenModel;
import dev.lengthwise.runtime.TrainingStart;
import dev.lengthwise.train.MatchConfig;
import dev.lengthwise.train.MatchTrainer;
import java.nio.file.Path;
import org.bytedeco.javacpp.PointerScope;

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
    try (PointerScope _ = new PointerScope();
        Workers threads = new Workers(settings.threads());
        TrainableModel model = TrainableModel.open(path, OpenModel::declared, threads)) {
      return MatchTrainer.run(
          settings,
          TrainingStart.of(model),
          out,
          new HuggingFaceWriter(OpenModel::declared),
          System.err::println);
    }
  }
}

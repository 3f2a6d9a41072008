package dev.lengthwise.runtime;

import dev.lengthwise.family.TrainableModel;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.train.MatchConfig;
import dev.lengthwise.train.MatchTrainer;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;

/// Trains an encoder of a folder on pairs of texts.
public final class MatchTraining {

  private MatchTraining() {}

  /// Trains; the folder of the finished model.
  ///
  /// @param encoder the weights
  /// @param out the run folder
  /// @param threads that read the weights
  /// @throws dev.lengthwise.LengthwiseException where the folder holds no encoder, or the pairs
  ///     cannot be read
  public static Path run(
      Path encoder, MatchConfig settings, Path out, Workers threads, Consumer<String> log) {
    try (PointerScope _ = new PointerScope();
        TrainableModel model = TrainableModel.open(encoder, OpenModel::declared, threads)) {
      return MatchTrainer.run(settings, TrainingStart.of(model), out, OpenModel.files(), log);
    }
  }
}

package dev.lengthwise.app.command;

import dev.lengthwise.app.options.RevisionOption;
import dev.lengthwise.family.TrainableModel;
import dev.lengthwise.method.MethodOfTraining;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.runtime.OpenModel;
import dev.lengthwise.runtime.TrainingStart;
import dev.lengthwise.train.FurtherConfig;
import dev.lengthwise.train.FurtherTraining;
import java.nio.file.Path;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;

/// Begins a run with a model: opens it, gives it the position method of the training, and makes the
/// run folder.
///
/// @param from the model as the user named it
/// @param revision which revision of a hub id
/// @param method the text of `--method`, if given
/// @param config the file of settings, if given
record FurtherStart(
    String from, RevisionOption revision, @Nullable String method, @Nullable Path config) {

  /// Makes the run folder, whole or not at all.
  ///
  /// @param workers processes that will share a step
  /// @return the settings that it holds
  FurtherConfig begin(Path data, Path out, int workers) {
    FurtherTraining.requireNew(out);
    Path named = revision.resolve(from);
    Path path = FurtherTraining.newestCheckpoint(named).orElse(named);
    try (PointerScope _ = new PointerScope();
        Workers threads = new Workers(Runtime.getRuntime().availableProcessors());
        TrainableModel model = TrainableModel.open(path, OpenModel::declared, threads)) {
      FurtherSettings settings = FurtherSettings.read(config);
      settings.requireModel(model.spec(), from);
      ModelSpec own = model.spec();
      String wanted =
          method != null ? method : settings.method().orElse(own.declared().value().text());
      MethodOfTraining chosen = MethodOfTraining.of(own.shape(), own.declared(), wanted);
      FurtherConfig complete =
          settings.complete(
              new FurtherConfig.Origin(from, model.sha256()),
              chosen.text(),
              chosen.windowLength(own.shape()));
      complete.batch().requireWorkFor(workers);
      ModelSpec trained = spec(own, chosen, complete);
      FurtherTraining.begin(complete, TrainingStart.of(model, trained), data, out);
      return complete;
    }
  }

  private static ModelSpec spec(ModelSpec own, MethodOfTraining chosen, FurtherConfig config) {
    return own.withDeclared(chosen.method())
        .withTrainedLength(chosen.trainedLength(own.shape(), config.trainedLength()));
  }
}

package dev.lengthwise.app.command;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Rope;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.runtime.OpenModel;
import dev.lengthwise.train.FurtherConfig;
import dev.lengthwise.train.ModelExport;
import dev.lengthwise.train.TrainConfig;
import dev.lengthwise.train.Trainer;
import dev.lengthwise.train.TrainingSettings;
import dev.lengthwise.train.distributed.DataParallel;
import java.nio.file.Path;

/// A training with its places: what is read, and where it is written.
sealed interface TrainingJob {

  /// The settings.
  TrainingSettings settings();

  /// What `prepare` wrote.
  Path data();

  /// The run folder.
  Path out();

  /// Says what is wrong with the settings before any process starts or waits.
  void check();

  /// Trains as one of the processes.
  void train(DataParallel processes);

  /// Writes the finished model.
  void export();

  /// Where the finished model lies.
  default Path model() {
    return out().resolve("model");
  }

  /// A model from scratch.
  record Fresh(TrainConfig settings, Path data, Path out) implements TrainingJob {

    /// The method that the settings name.
    PositionMethod method() {
      try {
        return new MethodParser(settings.shape(), new Rope()).parse(settings.method());
      } catch (LengthwiseException e) {
        throw new LengthwiseException("Training setting \"method\": " + e.getMessage(), e);
      }
    }

    @Override
    public void check() {
      PositionMethod _ = method();
    }

    @Override
    public void train(DataParallel processes) {
      Trainer.run(settings, method(), data, out, processes, System.err::println);
    }

    @Override
    public void export() {
      ModelExport.export(method(), data, out, model(), OpenModel.files());
    }
  }

  /// A run that began with a model.
  record Further(FurtherConfig settings, Path data, Path out) implements TrainingJob {

    // It was checked when the run began.
    @Override
    public void check() {}

    @Override
    public void train(DataParallel processes) {
      Trainer.goOn(settings, OpenModel.files(), data, out, processes, System.err::println);
    }

    @Override
    public void export() {
      ModelExport.exportFurther(settings, data, out, model(), OpenModel.files());
    }
  }
}

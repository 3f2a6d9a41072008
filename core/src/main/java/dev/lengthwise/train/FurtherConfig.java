package dev.lengthwise.train;

import static dev.lengthwise.train.optimise.TrainingSetting.require;
import static dev.lengthwise.train.optimise.TrainingSetting.requireThreads;

import dev.lengthwise.train.data.DataMix;
import dev.lengthwise.train.optimise.OptimizerSettings;
import dev.lengthwise.train.optimise.Schedule;

/// How a model that exists is trained further: the `train.json` of such a run. What the model is
/// made of is not here but in its files.
///
/// @param from where the weights came from
/// @param trainedLength tokens of a window
/// @param method position method with every effective parameter; all that it leaves to the
///     checkpoint is in the header of the run's checkpoints
/// @param batch windows of a step
/// @param schedule number of steps and learning rate
/// @param optimizer how gradients move the weights
/// @param data shards that windows are drawn from, by weight, and what is measured
/// @param seed decides the order of the data, and the first values of what a new method learns
/// @param precision type of matrix products
/// @param threads micro-batches that run at the same time
/// @param intervals steps between events
public record FurtherConfig(
    Origin from,
    int trainedLength,
    String method,
    TrainConfig.Batch batch,
    Schedule schedule,
    OptimizerSettings optimizer,
    DataMix data,
    long seed,
    TrainConfig.Precision precision,
    int threads,
    TrainConfig.Intervals intervals)
    implements TrainingSettings {

  /// Where the weights of a run came from. The run does not need it again.
  ///
  /// @param model as it was named
  /// @param sha256 of its weights
  public record Origin(String model, String sha256) {}

  /// Checks the numbers.
  public FurtherConfig {
    require(trainedLength > 1, "trainedLength", "at least 2", trainedLength);
    requireThreads(threads);
    TrainConfig.requireTokens(batch, trainedLength);
  }

  @Override
  public FurtherConfig withBatch(TrainConfig.Batch other) {
    return new FurtherConfig(
        from,
        trainedLength,
        method,
        other,
        schedule,
        optimizer,
        data,
        seed,
        precision,
        threads,
        intervals);
  }

  @Override
  public boolean resumableAs(TrainingSettings other) {
    return other instanceof FurtherConfig config
        && batch.becomes(config.batch)
        && equals(
            new FurtherConfig(
                config.from,
                config.trainedLength,
                config.method,
                batch,
                schedule,
                config.optimizer,
                data,
                config.seed,
                precision,
                threads,
                intervals));
  }
}

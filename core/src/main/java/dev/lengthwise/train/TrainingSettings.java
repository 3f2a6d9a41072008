package dev.lengthwise.train;

import dev.lengthwise.train.data.DataMix;
import dev.lengthwise.train.optimise.OptimizerSettings;
import dev.lengthwise.train.optimise.Schedule;

/// What decides how weights are trained, wherever they come from: `train.json`.
public sealed interface TrainingSettings permits TrainConfig, FurtherConfig {

  /// Tokens of a window.
  int trainedLength();

  /// Position method as the command line writes it.
  String method();

  /// Windows of a step.
  TrainConfig.Batch batch();

  /// Number of steps and learning rate.
  Schedule schedule();

  /// How gradients move the weights.
  OptimizerSettings optimizer();

  /// Shards that windows are drawn from, by weight, and what is measured.
  DataMix data();

  /// Decides the order of the data, and first weights.
  long seed();

  /// Type of matrix products.
  TrainConfig.Precision precision();

  /// Micro-batches that run at the same time.
  int threads();

  /// Steps between events.
  TrainConfig.Intervals intervals();

  /// These settings with other micro-batches.
  TrainingSettings withBatch(TrainConfig.Batch other);

  /// Whether a run of these settings may go on as `other`: schedule, mix of windows, precision,
  /// threads and intervals may change.
  boolean resumableAs(TrainingSettings other);
}

package dev.lengthwise.train;

import static dev.lengthwise.train.optimise.TrainingSetting.require;
import static dev.lengthwise.train.optimise.TrainingSetting.requireThreads;

import dev.lengthwise.train.optimise.OptimizerSettings;
import dev.lengthwise.train.optimise.Schedule;

/// How an encoder with a head is trained: a `train.json` with a `task` block that is none of pairs
/// ([MatchConfig]).
///
/// @param task what is learnt from what
/// @param schedule number of steps and learning rate
/// @param optimizer how gradients move the weights
/// @param seed decides the order of the examples, what is dropped out, and the first values of the
///     head
/// @param threads that libtorch computes with
/// @param interval steps between validations; each writes the model as it is then
public record TaskConfig(
    HeadTask task,
    Schedule schedule,
    OptimizerSettings optimizer,
    long seed,
    int threads,
    int interval) {

  /// Checks the numbers.
  public TaskConfig {
    requireThreads(threads);
    require(interval > 0, "interval", "at least 1", interval);
  }
}

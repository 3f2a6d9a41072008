package dev.lengthwise.train;

import static dev.lengthwise.train.optimise.TrainingSetting.require;
import static dev.lengthwise.train.optimise.TrainingSetting.requireThreads;

import dev.lengthwise.encode.Pooling;
import dev.lengthwise.train.match.PairLoss;
import dev.lengthwise.train.optimise.OptimizerSettings;
import dev.lengthwise.train.optimise.Schedule;

/// How an encoder is trained on pairs of texts: a `train.json` with a `task` block.
///
/// @param task what is learnt from what
/// @param schedule number of steps and learning rate
/// @param optimizer how gradients move the weights
/// @param seed decides the order of the pairs and the first values of a head
/// @param threads that libtorch computes with
/// @param interval steps between validations; each writes the model as it is then
public record MatchConfig(
    Task task,
    Schedule schedule,
    OptimizerSettings optimizer,
    long seed,
    int threads,
    int interval) {

  /// The name of the task.
  public static final String MATCH = "match";

  /// Checks the numbers.
  public MatchConfig {
    requireThreads(threads);
    require(interval > 0, "interval", "at least 1", interval);
  }

  /// What is learnt from what.
  ///
  /// @param name [#MATCH]
  /// @param loss of a batch
  /// @param training file of pairs, with labels where the loss needs them
  /// @param validation file of pairs with labels
  /// @param pooling how states become vectors
  /// @param length tokens of the longest text; what is longer is cut
  /// @param pairs of a batch
  public record Task(
      String name,
      PairLoss loss,
      String training,
      String validation,
      Pooling pooling,
      int length,
      int pairs) {

    /// Checks the numbers.
    public Task {
      require(name.equals(MATCH), "task.name", "\"" + MATCH + "\"", name);
      require(length > 2, "task.length", "at least 3", length);
      require(pairs > 1, "task.pairs", "at least 2", pairs);
    }
  }
}

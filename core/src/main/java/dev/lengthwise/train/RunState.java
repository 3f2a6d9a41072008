package dev.lengthwise.train;

/// Where a run stands: `state.json` of a checkpoint.
///
/// @param step number of steps so far
/// @param bestStep step with the lowest validation loss so far; 0 for none
/// @param bestLoss that loss; `Double.MAX_VALUE` for none
record RunState(int step, int bestStep, double bestLoss) {

  static final RunState START = new RunState(0, 0, Double.MAX_VALUE);

  /// This state at `newStep`, where the validation loss was `loss`.
  RunState validated(int newStep, double loss) {
    return loss < bestLoss ? new RunState(newStep, newStep, loss) : at(newStep);
  }

  /// This state at `newStep`.
  RunState at(int newStep) {
    return new RunState(newStep, bestStep, bestLoss);
  }
}

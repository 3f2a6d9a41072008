package dev.lengthwise.train;

/// The learning rate of every step: a linear rise to the peak, a plateau there, then half a cosine
/// down to a fraction of it.
///
/// With a plateau, a run whose length is not known beforehand stays at the peak until it is resumed
/// with a schedule that ends.
///
/// @param steps number of steps
/// @param peakLearningRate highest rate
/// @param warmUpSteps steps of the rise
/// @param plateauSteps steps at the peak after the rise; 0 for a plain cosine
/// @param finalFraction last rate, as a fraction of the peak
public record Schedule(
    int steps, double peakLearningRate, int warmUpSteps, int plateauSteps, double finalFraction) {

  /// Checks the numbers.
  public Schedule {
    TrainConfig.require(steps > 0, "schedule.steps", "at least 1", steps);
    TrainConfig.require(
        peakLearningRate > 0, "schedule.peakLearningRate", "above 0", peakLearningRate);
    TrainConfig.require(
        warmUpSteps >= 0 && warmUpSteps <= steps,
        "schedule.warmUpSteps",
        "0 to schedule.steps",
        warmUpSteps);
    TrainConfig.require(
        plateauSteps >= 0 && plateauSteps <= steps - warmUpSteps,
        "schedule.plateauSteps",
        "0 to what warm-up leaves of schedule.steps",
        plateauSteps);
    TrainConfig.require(
        finalFraction >= 0 && finalFraction <= 1,
        "schedule.finalFraction",
        "0 to 1",
        finalFraction);
  }

  /// The rate of `step`, the first being 1.
  public double learningRate(int step) {
    if (step <= warmUpSteps) {
      return peakLearningRate * step / warmUpSteps;
    }
    int highUntil = warmUpSteps + plateauSteps;
    if (step <= highUntil) {
      return peakLearningRate;
    }
    double progress = (double) (step - highUntil) / (steps - highUntil);
    double cosine = 0.5 * (1 + Math.cos(Math.PI * Math.min(1, progress)));
    return peakLearningRate * (finalFraction + (1 - finalFraction) * cosine);
  }
}

package dev.lengthwise.train.optimise;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;

/// The learning rate of every step: `schedule` of `train.json`, chosen by its `name`.
///
/// Steps count from 1. A rise from 0 to a peak over `w` steps has the rate `peak · step / w`.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "name")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Schedule.Cosine.class, name = "cosine"),
  @JsonSubTypes.Type(value = Schedule.Linear.class, name = "linear"),
  @JsonSubTypes.Type(value = Schedule.Piecewise.class, name = "piecewise"),
  @JsonSubTypes.Type(value = Schedule.WarmUpStableDecay.class, name = "wsd")
})
public sealed interface Schedule {

  /// Number of steps.
  int steps();

  /// The rate that fractions are of.
  double peakLearningRate();

  /// The rate of `step` as a fraction of the peak, the first step being 1.
  double fraction(int step);

  /// The rate of `step`, the first being 1.
  default double learningRate(int step) {
    return peakLearningRate() * fraction(step);
  }

  /// A linear rise, then half a cosine down (Loshchilov and Hutter 2017, without restarts).
  ///
  /// @param warmUpSteps steps of the rise
  /// @param finalFraction last rate, as a fraction of the peak
  record Cosine(int steps, double peakLearningRate, int warmUpSteps, double finalFraction)
      implements Schedule {

    /// Checks the numbers.
    public Cosine {
      requireRise(steps, peakLearningRate, warmUpSteps);
      requireFinal(finalFraction);
    }

    @Override
    public double fraction(int step) {
      return step <= warmUpSteps
          ? (double) step / warmUpSteps
          : halfCosine(step, warmUpSteps, steps, finalFraction);
    }
  }

  /// A linear rise, then a straight line down.
  ///
  /// @param warmUpSteps steps of the rise
  /// @param finalFraction last rate, as a fraction of the peak
  record Linear(int steps, double peakLearningRate, int warmUpSteps, double finalFraction)
      implements Schedule {

    /// Checks the numbers.
    public Linear {
      requireRise(steps, peakLearningRate, warmUpSteps);
      requireFinal(finalFraction);
    }

    @Override
    public double fraction(int step) {
      return step <= warmUpSteps
          ? (double) step / warmUpSteps
          : 1 - (1 - finalFraction) * progress(step, warmUpSteps, steps);
    }
  }

  /// Straight lines between points, as in Su's optimisers (kexue.fm, bert4keras): from 0 at step 0,
  /// unless the first point is there, through all points; the rate of the last one stays.
  ///
  /// @param points in the order of their steps
  record Piecewise(int steps, double peakLearningRate, List<Point> points) implements Schedule {

    /// A place that the line goes through.
    ///
    /// @param step from 0
    /// @param fraction of the peak
    public record Point(int step, double fraction) {

      /// Checks the numbers.
      public Point {
        TrainingSetting.require(step >= 0, "schedule.points.step", "at least 0", step);
        TrainingSetting.require(
            fraction >= 0 && fraction <= 1, "schedule.points.fraction", "0 to 1", fraction);
      }
    }

    /// Checks the numbers.
    public Piecewise {
      requireRise(steps, peakLearningRate, 0);
      points = List.copyOf(points);
      TrainingSetting.require(!points.isEmpty(), "schedule.points", "at least one point", points);
      for (int index = 1; index < points.size(); index++) {
        TrainingSetting.require(
            points.get(index - 1).step() < points.get(index).step(),
            "schedule.points",
            "steps that rise",
            points);
      }
    }

    @Override
    public double fraction(int step) {
      Point before = new Point(0, points.getFirst().step() == 0 ? points.getFirst().fraction() : 0);
      for (Point next : points) {
        if (step < next.step()) {
          double way = (double) (step - before.step()) / (next.step() - before.step());
          return before.fraction() + way * (next.fraction() - before.fraction());
        }
        before = next;
      }
      return before.fraction();
    }
  }

  /// Warm-up, stable, decay (Hu et al. 2024, MiniCPM): a linear rise, a plateau, then half a cosine
  /// down over the steps that are left.
  ///
  /// A run whose length is not known beforehand stays at the peak until it is resumed with a
  /// schedule that ends.
  ///
  /// @param warmUpSteps steps of the rise
  /// @param stableSteps steps at the peak after the rise
  /// @param finalFraction last rate, as a fraction of the peak
  record WarmUpStableDecay(
      int steps, double peakLearningRate, int warmUpSteps, int stableSteps, double finalFraction)
      implements Schedule {

    /// Checks the numbers.
    public WarmUpStableDecay {
      requireRise(steps, peakLearningRate, warmUpSteps);
      TrainingSetting.require(
          stableSteps >= 0 && stableSteps <= steps - warmUpSteps,
          "schedule.stableSteps",
          "0 to what warm-up leaves of schedule.steps",
          stableSteps);
      requireFinal(finalFraction);
    }

    @Override
    public double fraction(int step) {
      int highUntil = warmUpSteps + stableSteps;
      if (step <= highUntil) {
        return Math.min(1, warmUpSteps == 0 ? 1 : (double) step / warmUpSteps);
      }
      return halfCosine(step, highUntil, steps, finalFraction);
    }
  }

  private static double progress(int step, int from, int to) {
    return Math.min(1, (double) (step - from) / (to - from));
  }

  private static double halfCosine(int step, int from, int to, double last) {
    return last + (1 - last) * 0.5 * (1 + Math.cos(Math.PI * progress(step, from, to)));
  }

  private static void requireRise(int steps, double peakLearningRate, int warmUpSteps) {
    TrainingSetting.require(steps > 0, "schedule.steps", "at least 1", steps);
    TrainingSetting.require(
        peakLearningRate > 0 && Double.isFinite(peakLearningRate),
        "schedule.peakLearningRate",
        "above 0",
        peakLearningRate);
    TrainingSetting.require(
        warmUpSteps >= 0 && warmUpSteps <= steps,
        "schedule.warmUpSteps",
        "0 to schedule.steps",
        warmUpSteps);
  }

  private static void requireFinal(double fraction) {
    TrainingSetting.require(
        fraction >= 0 && fraction <= 1, "schedule.finalFraction", "0 to 1", fraction);
  }
}

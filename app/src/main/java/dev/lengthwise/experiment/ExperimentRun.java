package dev.lengthwise.experiment;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Runs the trials of an experiment, one after the other; those that an earlier run finished are
/// kept.
public final class ExperimentRun {

  // A time left is announced once this part of the work, one in so many, is done.
  private static final int LEAST_PART_TO_JUDGE_BY = 20;

  private final Experiment experiment;
  private final Workshop workshop;
  private final InstantSource clock;

  /// A run that has not begun.
  public ExperimentRun(Experiment experiment, Workshop workshop, InstantSource clock) {
    this.experiment = experiment;
    this.workshop = workshop;
    this.clock = clock;
  }

  /// What a run found.
  ///
  /// @param trials that were run or kept
  /// @param rows of all of them, in their order
  /// @param leftOut why others were not run, a sentence each
  public record Outcome(List<Trial> trials, List<Row> rows, List<String> leftOut) {

    /// Copies the lists.
    public Outcome {
      trials = List.copyOf(trials);
      rows = List.copyOf(rows);
      leftOut = List.copyOf(leftOut);
    }
  }

  /// Runs what is not finished.
  public Outcome run(Scale scale) {
    List<String> leftOut = new ArrayList<>();
    List<Trial> trials = possible(scale, leftOut);
    List<Row> rows = new ArrayList<>();
    long costLeft =
        trials.stream()
            .filter(trial -> folder(trial).finished().isEmpty())
            .mapToLong(Trial::cost)
            .sum();
    long costDone = 0;
    long start = clock.millis();
    for (int index = 0; index < trials.size(); index++) {
      Trial trial = trials.get(index);
      String place = "[%d/%d] %s".formatted(index + 1, trials.size(), trial.name());
      Optional<List<Row>> kept = folder(trial).finished();
      if (kept.isPresent()) {
        workshop.log().accept(place + ": kept from an earlier run");
        rows.addAll(kept.get());
        continue;
      }
      workshop.log().accept(place + timeLeft(costLeft, costDone, clock.millis() - start));
      rows.addAll(folder(trial).run(workshop));
      costDone += trial.cost();
      costLeft -= trial.cost();
    }
    return new Outcome(trials, rows, leftOut);
  }

  /// What earlier runs finished, without running anything; the others are named as left out.
  public Outcome finished(Scale scale) {
    List<String> leftOut = new ArrayList<>();
    List<Trial> trials = new ArrayList<>();
    List<Row> rows = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (Trial trial : possible(scale, leftOut)) {
      Optional<List<Row>> kept = folder(trial).finished();
      if (kept.isPresent()) {
        trials.add(trial);
        rows.addAll(kept.get());
      } else {
        missing.add(trial.name());
      }
    }
    if (!missing.isEmpty()) {
      leftOut.add("Not run yet: " + String.join(", ", missing) + ".");
    }
    return new Outcome(trials, rows, leftOut);
  }

  private List<Trial> possible(Scale scale, List<String> leftOut) {
    List<Trial> possible = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Trial trial : experiment.trials(scale)) {
      if (!names.add(trial.name())) {
        throw new IllegalStateException(experiment.name() + " has two trials " + trial.name());
      }
      Optional<String> obstacle = trial.obstacle(workshop);
      if (obstacle.isEmpty()) {
        possible.add(trial);
      } else if (!leftOut.contains(obstacle.get())) {
        leftOut.add(obstacle.get());
        workshop.log().accept(obstacle.get());
      }
    }
    return possible;
  }

  private TrialFolder folder(Trial trial) {
    return new TrialFolder(workshop.folder().resolve("trials").resolve(trial.name()), trial);
  }

  // Trials take about as long as they have tokens.
  private static String timeLeft(long costLeft, long costDone, long milliseconds) {
    if (costDone * LEAST_PART_TO_JUDGE_BY < costDone + costLeft) {
      return "";
    }
    Duration left = Duration.ofMillis((long) ((double) milliseconds / costDone * costLeft));
    return String.format(
        Locale.ROOT, " (about %d min %d s left)", left.toMinutes(), left.toSecondsPart());
  }
}

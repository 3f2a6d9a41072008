package dev.lengthwise.experiment;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// Runs the trials of an experiment, one after the other; those that an earlier run finished are
/// kept.
public final class ExperimentRun {

  // A time left is announced once this part of the work, one in so many, is done.
  private static final int LEAST_PART_TO_JUDGE_BY = 20;

  private final Experiment experiment;
  private final Workshop workshop;
  private final InstantSource clock;
  private final Duration most;

  /// A run that has not begun.
  public ExperimentRun(Experiment experiment, Workshop workshop, InstantSource clock) {
    this(experiment, workshop, clock, Duration.ofDays(365));
  }

  /// A run that begins no trial after some time.
  ///
  /// @param most time after which those left are left out; with zero nothing runs, and what earlier
  ///     runs finished is all
  public ExperimentRun(
      Experiment experiment, Workshop workshop, InstantSource clock, Duration most) {
    this.experiment = experiment;
    this.workshop = workshop;
    this.clock = clock;
    this.most = most;
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
    List<Trial> done = new ArrayList<>();
    for (int index = 0; index < trials.size(); index++) {
      Trial trial = trials.get(index);
      String place = "[%d/%d] %s".formatted(index + 1, trials.size(), trial.name());
      Optional<List<Row>> kept = folder(trial).finished();
      if (kept.isPresent()) {
        workshop.log().accept(place + ": kept from an earlier run");
        rows.addAll(kept.get());
        done.add(trial);
        continue;
      }
      if (clock.millis() - start >= most.toMillis()) {
        continue;
      }
      workshop.log().accept(place + timeLeft(costLeft, costDone, clock.millis() - start));
      rows.addAll(folder(trial).run(workshop));
      done.add(trial);
      costDone += trial.cost();
      costLeft -= trial.cost();
    }
    if (done.size() < trials.size()) {
      leftOut.add(
          "%d of %d trials have not run yet: %s."
              .formatted(
                  trials.size() - done.size(),
                  trials.size(),
                  trials.stream()
                      .filter(Predicate.not(done::contains))
                      .map(Trial::name)
                      .collect(Collectors.joining(", "))));
    }
    return new Outcome(done, rows, leftOut);
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

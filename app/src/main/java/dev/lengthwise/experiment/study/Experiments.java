package dev.lengthwise.experiment.study;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.experiment.Experiment;
import java.util.List;

/// The catalogue of experiments: a new experiment is one file and one line here.
public final class Experiments {

  /// All experiments.
  public static final List<Experiment> ALL =
      List.of(
          new CocaScaling(),
          new LmInfiniteAblation(),
          new LmInfiniteFamilies(),
          new Theory(),
          new PasskeyRetrieval(),
          new LongTextSpeed(),
          new QueryKeyBias(),
          new KexueBench(),
          new AttentionScales(),
          new Recurrence(),
          new MaskedTokens(),
          new AllEncodings(),
          new Matching(),
          new Hubs(),
          new LongVectors());

  private Experiments() {}

  /// The experiment called `name`.
  ///
  /// @throws LengthwiseException when there is none: the message lists all
  public static Experiment byName(String name) {
    return ALL.stream()
        .filter(experiment -> experiment.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new LengthwiseException(
                    "There is no experiment '%s', only %s"
                        .formatted(name, ALL.stream().map(Experiment::name).toList())));
  }
}

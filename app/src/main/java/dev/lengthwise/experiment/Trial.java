package dev.lengthwise.experiment;

import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// The part of an experiment that is run, and kept, as a whole.
public interface Trial {

  /// Its folder: lower-case letters, digits and dashes; unique in the experiment.
  String name();

  /// Everything that decides its rows, for `config.json`: a trial whose settings changed is run
  /// again.
  Map<String, Object> settings();

  /// About how much work it is, in tokens that a model reads; training counts three times.
  long cost();

  /// Why it cannot run here, in one sentence.
  default Optional<String> obstacle(Workshop workshop) {
    return Optional.empty();
  }

  /// Runs it.
  ///
  /// @param rows gets what was measured
  void run(Workshop workshop, Consumer<Row> rows);
}

package dev.lengthwise.experiment;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// An encoder that learns to match texts: one of ours, or one that others have trained.
sealed interface StartingEncoder permits PretrainedEncoder, PublishedEncoder {

  /// Its name in tables.
  String label();

  /// Its name in the names of trials: lower-case letters, digits and dashes.
  String shortName();

  /// Tokens of the longest text.
  int places();

  /// Pairs of texts that it learns from.
  ChineseTexts texts();

  /// Everything that decides its weights.
  Map<String, Object> settings();

  /// Why it cannot be had here, in one sentence.
  Optional<String> obstacle(Workshop workshop);

  /// Its folder, as Hugging Face has it.
  Path model(Workshop workshop);
}

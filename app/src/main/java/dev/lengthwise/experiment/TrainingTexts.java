package dev.lengthwise.experiment;

import dev.lengthwise.train.data.DataMix;
import java.nio.file.Path;
import java.util.Map;

/// What small models are trained on, prepared once and shared by all trials.
sealed interface TrainingTexts permits CorpusData, QuestionData {

  /// Tokens of the tokenizer.
  int vocabulary();

  /// The settings, for `config.json`.
  Map<String, Object> settings();

  /// What windows are drawn from.
  DataMix mix();

  /// The folder with the prepared data.
  Path prepared(Workshop workshop);
}

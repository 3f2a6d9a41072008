package dev.lengthwise.experiment;

import dev.lengthwise.io.JsonFile;
import dev.lengthwise.train.data.DataMix;
import dev.lengthwise.train.data.DataPreparation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// What small models are trained on, prepared once and shared by all trials.
public sealed interface TrainingTexts permits CorpusData, QuestionData {

  /// Tokens of the tokenizer.
  int vocabulary();

  /// The settings, for `config.json`.
  Map<String, Object> settings();

  /// What windows are drawn from.
  DataMix mix();

  /// Name of the folder with the prepared data.
  String folder();

  /// What is prepared.
  DataPreparation preparation(Workshop workshop);

  /// The folder with the prepared data, which is made where it is not finished.
  default Path prepared(Workshop workshop) {
    Path folder = workshop.folder().resolveSibling(folder());
    Path finished = folder.resolve("finished");
    if (!Files.exists(finished)) {
      preparation(workshop).writeTo(folder, workshop.log());
      JsonFile.write(finished, settings());
    }
    return folder;
  }
}

package dev.lengthwise.experiment;

import dev.lengthwise.train.DataPreparation;
import dev.lengthwise.train.SourceJars;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What small models are trained on: Java sources, prepared once and shared by all experiments.
///
/// @param name of its folder
/// @param vocabulary tokens of its tokenizer
/// @param retrieval number of retrieval documents
/// @param whole whether all training jars are read; else the held-out jar stands in for them, which
///     is enough to see that everything runs
record CorpusData(String name, int vocabulary, int retrieval, boolean whole) {

  /// The data of reported experiments.
  static final CorpusData FULL = new CorpusData("java-1024", 1024, 5000, true);

  /// The data of tiny runs.
  static final CorpusData TINY = new CorpusData("tiny-300", 300, 20, false);

  private static final long SEED = 42;
  private static final String FINISHED = "finished";

  /// The settings, for `config.json`.
  Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("name", name);
    settings.put("vocabulary", vocabulary);
    settings.put("retrieval_documents", retrieval);
    settings.put("texts", whole ? "Java sources of the profile corpus" : "held-out Java sources");
    settings.put("seed", SEED);
    return settings;
  }

  /// The folder with the prepared data.
  Path prepared(Workshop workshop) {
    Path folder = workshop.folder().resolveSibling("data-" + name);
    if (!Files.exists(folder.resolve(FINISHED))) {
      List<Path> heldOut = List.of(workshop.heldOutJar());
      List<Path> training = whole ? SourceJars.in(workshop.corpus()) : heldOut;
      new DataPreparation(training, heldOut, vocabulary, retrieval, SEED)
          .writeTo(folder, workshop.log());
      JsonFiles.write(folder.resolve(FINISHED), settings());
    }
    return folder;
  }
}

package dev.lengthwise.experiment;

import dev.lengthwise.text.GeneratedTexts;
import dev.lengthwise.train.data.DataMix;
import dev.lengthwise.train.data.DataPreparation;
import dev.lengthwise.train.data.DataSource;
import dev.lengthwise.train.data.TokenizerChoice;
import dev.lengthwise.train.data.Windows;
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
record CorpusData(String name, int vocabulary, int retrieval, boolean whole)
    implements TrainingTexts {

  /// The data of reported experiments.
  static final CorpusData FULL = new CorpusData("java-1024", 1024, 5000, true);

  /// The data of tiny runs.
  static final CorpusData TINY = new CorpusData("tiny-300", 300, 20, false);

  private static final String TRAINING = "training";
  private static final String RETRIEVAL = "retrieval";

  // Characters: what a window of 128 tokens has room for.
  private static final int LONGEST_FILLER = 60;

  private static final long SEED = 42;

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("name", name);
    settings.put("vocabulary", vocabulary);
    settings.put("retrieval_documents", retrieval);
    settings.put("texts", whole ? "Java sources of the profile corpus" : "held-out Java sources");
    settings.put("seed", SEED);
    return settings;
  }

  /// What windows are drawn from: mostly the sources as they are, some pieces that repeat, which
  /// teach to copy, and some questions.
  @Override
  public DataMix mix() {
    return new DataMix(
        List.of(
            new DataMix.Share(RETRIEVAL, Windows.DOCUMENT_STARTS, 0.1),
            new DataMix.Share(TRAINING, Windows.REPEATED, 0.2),
            new DataMix.Share(TRAINING, Windows.CROPS, 0.7)),
        new DataMix.HeldOut(DataPreparation.VALIDATION, Windows.CROPS),
        List.of());
  }

  @Override
  public String folder() {
    return "data-" + name;
  }

  @Override
  public DataPreparation preparation(Workshop workshop) {
    Path heldOut = workshop.heldOutJar();
    Path training = whole ? workshop.corpus() : heldOut;
    Map<String, List<DataSource>> shards = new LinkedHashMap<>();
    shards.put(TRAINING, List.of(new DataSource.Jar(training)));
    GeneratedTexts questions = new GeneratedTexts("retrieval", 1, LONGEST_FILLER, SEED);
    shards.put(RETRIEVAL, List.of(new DataSource.Generated(questions, retrieval)));
    shards.put(DataPreparation.VALIDATION, List.of(new DataSource.Jar(heldOut)));
    return new DataPreparation(
        new TokenizerChoice.Learnt(vocabulary, List.of(TRAINING, RETRIEVAL)), shards);
  }
}

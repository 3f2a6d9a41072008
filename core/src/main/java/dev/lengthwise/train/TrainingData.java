package dev.lengthwise.train;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.tokenizer.Tokenizers;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// The prepared data of a training: tokenizer and shards of one folder.
///
/// Window `n` of step `s` depends on the seed, `s` and `n` only: a run that resumes needs no state
/// of the data but the number of steps.
public final class TrainingData implements AutoCloseable {

  static final String TOKENIZER = "tokenizer.json";
  static final String TRAINING = "training";
  static final String RETRIEVAL = "retrieval";
  static final String VALIDATION = "validation";

  /// Fewest tokens of the piece that a repeating window repeats.
  private static final int SHORTEST_PERIOD = 12;

  private final Path folder;
  private final Tokenizer tokenizer;
  private final TokenShard training;
  private final TokenShard retrieval;
  private final TokenShard validation;

  private TrainingData(
      Path folder,
      Tokenizer tokenizer,
      TokenShard training,
      TokenShard retrieval,
      TokenShard validation) {
    this.folder = folder;
    this.tokenizer = tokenizer;
    this.training = training;
    this.retrieval = retrieval;
    this.validation = validation;
  }

  /// Opens the data that [DataPreparation] wrote to `folder`.
  public static TrainingData open(Path folder) {
    Tokenizer tokenizer = Tokenizers.open(folder.resolve(TOKENIZER));
    return new TrainingData(
        folder,
        tokenizer,
        TokenShard.open(folder, TRAINING, tokenizer),
        TokenShard.open(folder, RETRIEVAL, tokenizer),
        TokenShard.open(folder, VALIDATION, tokenizer));
  }

  /// The folder.
  Path folder() {
    return folder;
  }

  /// The tokenizer.
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /// What decides every window beside the configuration: SHA-256 of the shards.
  String identity() {
    return String.join(
        " ",
        training.manifest().sha256(),
        retrieval.manifest().sha256(),
        validation.manifest().sha256());
  }

  /// Checks that every shard has at least one window, and the vocabulary of the model.
  void check(TrainConfig config) {
    for (TokenShard shard : List.of(training, retrieval, validation)) {
      if (shard.manifest().tokens() <= config.trainedLength()) {
        throw new LengthwiseException(
            String.format(
                Locale.ROOT,
                "A shard made from %s has %d tokens; one window needs %d.",
                shard.manifest().sources(),
                shard.manifest().tokens(),
                config.trainedLength() + 1));
      }
    }
    if (tokenizer.vocabularySize() > config.model().vocabularySize()) {
      throw new LengthwiseException(
          "The tokenizer has %d tokens, but the model's vocabulary is %d; set model.vocabularySize"
                  .formatted(tokenizer.vocabularySize(), config.model().vocabularySize())
              + " to at least the former.");
    }
  }

  /// Micro-batch `part` of `step`: `sequences` windows of `trainedLength + 1` ids, one after the
  /// other.
  long[] microBatch(TrainConfig config, int step, int part) {
    int length = config.trainedLength() + 1;
    int sequences = config.batch().sequences();
    long[] ids = new long[sequences * length];
    for (int sequence = 0; sequence < sequences; sequence++) {
      long window = (long) part * sequences + sequence;
      CounterRandom random =
          new CounterRandom(config.seed(), (long) step * config.batch().windows() + window);
      fill(config, random, ids, sequence * length);
    }
    return ids;
  }

  private void fill(TrainConfig config, CounterRandom random, long[] ids, int offset) {
    int length = config.trainedLength() + 1;
    double kind = random.nextDouble();
    if (kind < config.retrievalShare()) {
      List<Long> documents = retrieval.manifest().documents();
      long last = retrieval.manifest().tokens() - length;
      long start = documents.get((int) random.below(documents.size()));
      retrieval.copy(Math.min(last, start), length, ids, offset);
      return;
    }
    training.copy(random.below(training.manifest().tokens() - length + 1), length, ids, offset);
    if (kind < config.retrievalShare() + config.repetitionShare()) {
      int period = random.between(Math.min(SHORTEST_PERIOD, length / 2), length / 2);
      for (int token = period; token < length; token++) {
        ids[offset + token] = ids[offset + token - period];
      }
    }
  }

  /// Windows for validation, evenly spread over the held-out text.
  long[] validationWindows(int windows, int trainedLength) {
    int length = trainedLength + 1;
    long[] ids = new long[windows * length];
    long last = validation.manifest().tokens() - length;
    for (int window = 0; window < windows; window++) {
      long start = windows == 1 ? 0 : Math.round((double) last * window / (windows - 1));
      validation.copy(start, length, ids, window * length);
    }
    return ids;
  }

  @Override
  public void close() {
    training.close();
    retrieval.close();
    validation.close();
  }
}

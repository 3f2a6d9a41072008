package dev.lengthwise.experiment;

import dev.lengthwise.encode.Encoder;
import dev.lengthwise.encode.LabelledPair;
import dev.lengthwise.encode.PairScorer;
import dev.lengthwise.encode.Pooling;
import dev.lengthwise.evaluate.MatchResult;
import dev.lengthwise.io.AtomicFile;
import dev.lengthwise.io.AtomicFolder;
import dev.lengthwise.runtime.MatchTraining;
import dev.lengthwise.train.MatchConfig;
import dev.lengthwise.train.match.PairLoss;
import dev.lengthwise.train.optimise.OptimizerSettings;
import dev.lengthwise.train.optimise.Schedule;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// An encoder that learns from the pairs of one set, or stays as it is, and is judged on the test
/// part of the set.
///
/// @param from the encoder; where it is pretrained here, that trial runs before
/// @param set of pairs
/// @param lesson what is learnt; empty where the encoder is judged by its cosines as it is
record MatchedEncoder(StartingEncoder from, PairSet set, Optional<Lesson> lesson) implements Trial {

  private static final int PASSES_OF_TRAINING = 3;
  private static final int TOKENS_OF_A_TEXT = 24;

  /// How alike texts are, in terms of their vectors.
  enum Task {
    /// The order of cosines.
    COSENT("CoSENT"),
    /// Classes of two vectors.
    SENTENCE_BERT("Sentence-BERT"),
    /// Classes of pairs that are read as one text.
    INTERACTION("interaction");

    private final String label;

    Task(String label) {
      this.label = label;
    }

    PairLoss loss(int classes) {
      return switch (this) {
        case COSENT -> new PairLoss.CoSent(20);
        case SENTENCE_BERT -> new PairLoss.SentenceBert(classes);
        case INTERACTION -> new PairLoss.Interaction(classes);
      };
    }
  }

  /// How long an encoder is trained.
  ///
  /// @param steps of the optimiser
  /// @param pairs of a step
  /// @param peak learning rate
  record Learning(int steps, int pairs, double peak) {}

  /// What is learnt.
  ///
  /// @param seed of the order of the pairs, and of a head
  record Lesson(Task task, Learning learning, long seed) {}

  private String variant() {
    return from.label() + " · " + lesson.map(own -> own.task.label).orElse("as it is");
  }

  // Nothing depends on that of an encoder as it is.
  private long seed() {
    return lesson.map(Lesson::seed).orElse(1L);
  }

  private boolean interacts() {
    return lesson.filter(own -> own.task == Task.INTERACTION).isPresent();
  }

  @Override
  public String name() {
    String learnt = lesson.map(own -> dashed(own.task)).orElse("as-it-is");
    return "%s-%s-%s-seed%d".formatted(from.shortName(), learnt, dashed(set), seed());
  }

  private static String dashed(Enum<?> name) {
    return name.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("variant", variant());
    settings.put("set", set.label());
    settings.put("seed", seed());
    lesson
        .map(Lesson::learning)
        .ifPresent(
            learning -> {
              settings.put("steps", learning.steps());
              settings.put("pairs", learning.pairs());
              settings.put("peak_learning_rate", learning.peak());
            });
    settings.put("length", length());
    settings.put("from", from.settings());
    return settings;
  }

  // Two texts that are read as one have room for both.
  private int length() {
    return Math.min(from.places(), interacts() ? 2 * set.length() : set.length());
  }

  @Override
  public long cost() {
    long pairs =
        lesson
            .map(Lesson::learning)
            .map(learning -> (long) PASSES_OF_TRAINING * learning.steps() * learning.pairs())
            .orElse(0L);
    PairSet.Sizes sizes = from.texts().sizes();
    return 2 * TOKENS_OF_A_TEXT * (pairs + sizes.validation() + sizes.test());
  }

  @Override
  public Optional<String> obstacle(Workshop workshop) {
    return from.obstacle(workshop);
  }

  @Override
  public void run(Workshop workshop, Consumer<Row> rows) {
    PairSet.Split pairs = from.texts().pairs(set, workshop);
    if (lesson.isEmpty()) {
      judge(workshop, from.model(workshop), pairs, rows);
      return;
    }
    Path folder = workshop.folder().resolve("trials").resolve(name());
    Path run = folder.resolve("run");
    AtomicFolder.delete(run);
    Path training = written(folder.resolve("training.tsv"), pairs.training());
    Path validation = written(folder.resolve("validation.tsv"), pairs.validation());
    Path trained =
        MatchTraining.run(
            from.model(workshop),
            config(lesson.get(), training, validation, workshop.threads()),
            run,
            workshop.workers(),
            workshop.log());
    judge(workshop, trained, pairs, rows);
    AtomicFolder.delete(run);
  }

  private static Path written(Path file, List<LabelledPair> pairs) {
    AtomicFile.writeText(
        file,
        writer -> {
          for (LabelledPair pair : pairs) {
            writer.write(pair.first() + "\t" + pair.second() + "\t" + pair.label() + "\n");
          }
        });
    return file;
  }

  private MatchConfig config(Lesson own, Path training, Path validation, int threads) {
    Learning learning = own.learning;
    int steps = learning.steps();
    return new MatchConfig(
        new MatchConfig.Task(
            MatchConfig.MATCH,
            own.task.loss(set.classes()),
            training.toString(),
            validation.toString(),
            Pooling.CLS,
            length(),
            learning.pairs()),
        new Schedule.Cosine(steps, learning.peak(), Math.max(1, steps / 10), 0.05),
        new OptimizerSettings.AdamW(0.01, 0.9, 0.999, 1e-8, 1),
        own.seed,
        threads,
        steps);
  }

  private void judge(Workshop workshop, Path trained, PairSet.Split pairs, Consumer<Row> rows) {
    try (OpenEncoder open = OpenEncoder.of(trained, workshop)) {
      Encoder encoder = open.encoder(Pooling.CLS, length());
      PairScorer scorer =
          interacts()
              ? PairScorer.Interaction.of(encoder, trained)
              : new PairScorer.Cosines(encoder, "");
      MatchResult result =
          MatchResult.of(
              MatchResult.Scored.of(scorer, pairs.validation()),
              MatchResult.Scored.of(scorer, pairs.test()),
              true);
      Map<String, Object> protocol = workshop.program();
      protocol.put("set", set.label());
      protocol.put("text", from.texts().source());
      protocol.put("thresholds", "exact sweep on validation");
      protocol.put("validation_pairs", pairs.validation().size());
      protocol.put("training_pairs", pairs.training().size());
      report("spearman", result.spearman(), result, protocol, rows);
      report("accuracy", result.accuracy(), result, protocol, rows);
    }
  }

  // A correlation may be undefined: then there is no row.
  private void report(
      String metric,
      @Nullable Double value,
      MatchResult result,
      Map<String, Object> protocol,
      Consumer<Row> rows) {
    if (value != null) {
      rows.accept(
          new Row(
              variant(),
              seed(),
              "declared",
              metric,
              length(),
              (double) set.place(),
              null,
              value,
              result.pairs(),
              protocol));
    }
  }
}

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

/// An encoder that learns from the pairs of one set, and is judged on its test part.
///
/// @param from the encoder; where it is pretrained here, that trial runs before
/// @param set of pairs
/// @param task what is learnt
/// @param learning how long
/// @param seed of the order of the pairs, and of a head
record MatchedEncoder(StartingEncoder from, PairSet set, Task task, Learning learning, long seed)
    implements Trial {

  private static final int PASSES_OF_TRAINING = 3;
  private static final int TOKENS_OF_A_TEXT = 24;

  /// What is learnt.
  enum Task {
    /// Nothing: the encoder is judged by its cosines before it learns.
    AS_IT_IS("as it is"),
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
        case AS_IT_IS -> throw new IllegalStateException("nothing is learnt");
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

  private String variant() {
    return from.label() + " · " + task.label;
  }

  @Override
  public String name() {
    return "%s-%s-%s-seed%d".formatted(from.shortName(), dashed(task), dashed(set), seed);
  }

  private static String dashed(Enum<?> name) {
    return name.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("variant", variant());
    settings.put("set", set.label());
    settings.put("seed", seed);
    if (task != Task.AS_IT_IS) {
      settings.put("steps", learning.steps());
      settings.put("pairs", learning.pairs());
      settings.put("peak_learning_rate", learning.peak());
    }
    settings.put("length", length());
    settings.put("from", from.settings());
    return settings;
  }

  // Two texts that are read as one have room for both.
  private int length() {
    return Math.min(from.places(), task == Task.INTERACTION ? 2 * set.length() : set.length());
  }

  @Override
  public long cost() {
    long pairs =
        task == Task.AS_IT_IS ? 0 : (long) PASSES_OF_TRAINING * learning.steps() * learning.pairs();
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
    if (task == Task.AS_IT_IS) {
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
            config(workshop, training, validation),
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

  private MatchConfig config(Workshop workshop, Path training, Path validation) {
    int steps = learning.steps();
    return new MatchConfig(
        new MatchConfig.Task(
            MatchConfig.MATCH,
            task.loss(set.classes()),
            training.toString(),
            validation.toString(),
            Pooling.CLS,
            length(),
            learning.pairs()),
        new Schedule.Cosine(steps, learning.peak(), Math.max(1, steps / 10), 0.05),
        new OptimizerSettings.AdamW(0.01, 0.9, 0.999, 1e-8, 1),
        seed,
        workshop.threads(),
        steps);
  }

  private void judge(Workshop workshop, Path trained, PairSet.Split pairs, Consumer<Row> rows) {
    try (OpenEncoder open = OpenEncoder.of(trained, workshop)) {
      Encoder encoder = open.encoder(Pooling.CLS, length());
      PairScorer scorer =
          task == Task.INTERACTION
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
              seed,
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

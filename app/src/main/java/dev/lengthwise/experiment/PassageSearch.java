package dev.lengthwise.experiment;

import dev.lengthwise.encode.Encoder;
import dev.lengthwise.encode.Pooling;
import dev.lengthwise.io.AtomicFile;
import dev.lengthwise.io.AtomicFolder;
import dev.lengthwise.runtime.MatchTraining;
import dev.lengthwise.runtime.OpenModel;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.tokenizer.open.Tokenizers;
import dev.lengthwise.train.MatchConfig;
import dev.lengthwise.train.RandomModel;
import dev.lengthwise.train.match.PairLoss;
import dev.lengthwise.train.optimise.OptimizerSettings;
import dev.lengthwise.train.optimise.Schedule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/// A small encoder learns to find short passages of novels, and then looks for long ones.
///
/// @param shape of the encoder; its places are the trained length
/// @param scale tiny runs read nothing beside the project
/// @param methods that read a passage as a whole
/// @param sizes how much is done
public record PassageSearch(EncoderShape shape, Scale scale, List<String> methods, Sizes sizes)
    implements Trial {

  private static final int PASSES_OF_TRAINING = 3;
  private static final int MARKS = 2;
  private static final long HELD_SEED = 7;

  /// How much is done.
  ///
  /// @param vocabulary tokens at most
  /// @param steps of the training
  /// @param pairs of a step
  /// @param lengths tokens of the passages that are sought
  /// @param passages of each length
  public record Sizes(int vocabulary, int steps, int pairs, List<Integer> lengths, int passages) {

    /// Copies the list.
    public Sizes {
      lengths = List.copyOf(lengths);
    }
  }

  /// Copies the list.
  public PassageSearch {
    methods = List.copyOf(methods);
  }

  @Override
  public String name() {
    return shape.kind().name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("encoder", shape.kind().label());
    settings.put("hidden", shape.hidden());
    settings.put("layers", shape.layers());
    settings.put("trained_length", shape.places());
    settings.put("texts", source());
    settings.put("vocabulary", sizes.vocabulary());
    settings.put("steps", sizes.steps());
    settings.put("pairs", sizes.pairs());
    settings.put("loss", "info-nce");
    settings.put("methods", methods);
    settings.put("longer_texts", "read on past the trained length");
    settings.put("lengths", sizes.lengths());
    settings.put("passages", sizes.passages());
    return settings;
  }

  private String source() {
    return scale.choose("novels; every fourth is held out", "made-up words");
  }

  @Override
  public long cost() {
    long read = 0;
    for (int length : sizes.lengths()) {
      read += (long) length * sizes.passages() * (methods.size() + 3);
    }
    return read + (long) PASSES_OF_TRAINING * sizes.steps() * sizes.pairs() * shape.places();
  }

  @Override
  public Optional<String> obstacle(Workshop workshop) {
    return scale.choose(NovelPassages.obstacle(workshop), Optional.empty());
  }

  @Override
  public void run(Workshop workshop, Consumer<Row> rows) {
    NovelPassages novels =
        switch (scale) {
          case FULL, LONG -> NovelPassages.read(workshop);
          case TINY -> NovelPassages.madeUp();
        };
    Path folder = workshop.folder().resolve("trials").resolve(name());
    Path model = trained(novels, folder, workshop);
    try (OpenEncoder open = OpenEncoder.of(model, workshop)) {
      for (int length : sizes.lengths()) {
        List<NovelPassages.Asked> asked =
            NovelPassages.asked(
                novels.held(), sizes.passages(), length - MARKS, open.tokenizer(), HELD_SEED);
        search(open, length, asked, rows);
      }
    }
  }

  // A search that was cut off goes on with its encoder: the same settings make the same weights.
  private Path trained(NovelPassages novels, Path folder, Workshop workshop) {
    Path finished = folder.resolve("run").resolve("model");
    if (Files.exists(finished)) {
      return finished;
    }
    Path vocabulary = folder.resolve("vocab.txt");
    write(vocabulary, novels.vocabulary(sizes.vocabulary()));
    Tokenizer tokenizer = Tokenizers.open(vocabulary);
    Path start = folder.resolve("start");
    RandomModel.write(
        shape.header(tokenizer.vocabularySize()),
        shape.initialisation(),
        1,
        start,
        OpenModel.files(),
        inside -> write(inside.resolve("vocab.txt"), novels.vocabulary(sizes.vocabulary())));
    int tokens = shape.places() - MARKS;
    Path training =
        pairs(
            folder.resolve("training.tsv"),
            NovelPassages.asked(
                novels.training(), sizes.steps() * sizes.pairs(), tokens, tokenizer, 1));
    Path validation =
        pairs(
            folder.resolve("validation.tsv"),
            NovelPassages.asked(novels.training(), sizes.passages(), tokens, tokenizer, 2));
    Path run = folder.resolve("run");
    AtomicFolder.delete(run);
    return MatchTraining.run(
        start, config(workshop, training, validation), run, workshop.workers(), workshop.log());
  }

  private static void write(Path file, List<String> lines) {
    AtomicFile.writeText(file, writer -> writer.write(String.join("\n", lines) + "\n"));
  }

  // Every second pair is one of strangers, which InfoNCE does not read: validation needs them.
  private static Path pairs(Path file, List<NovelPassages.Asked> asked) {
    List<String> lines = new ArrayList<>();
    boolean validation = String.valueOf(file.getFileName()).startsWith("validation");
    for (int n = 0; n < asked.size(); n++) {
      boolean stranger = validation && n % 2 == 1;
      NovelPassages.Asked other = asked.get(stranger ? n - 1 : n);
      lines.add(asked.get(n).question() + "\t" + other.text() + "\t" + (stranger ? 0 : 1));
    }
    write(file, lines);
    return file;
  }

  private MatchConfig config(Workshop workshop, Path training, Path validation) {
    int steps = sizes.steps();
    return new MatchConfig(
        new MatchConfig.Task(
            MatchConfig.MATCH,
            new PairLoss.InfoNce(20),
            training.toString(),
            validation.toString(),
            Pooling.MEAN,
            shape.places(),
            sizes.pairs()),
        new Schedule.Cosine(steps, 1e-3, Math.max(1, steps / 10), 0.05),
        new OptimizerSettings.AdamW(0.01, 0.9, 0.999, 1e-8, 1),
        1,
        workshop.threads(),
        steps);
  }

  private void search(
      OpenEncoder open, int length, List<NovelPassages.Asked> asked, Consumer<Row> rows) {
    Encoder own = open.encoder(Pooling.MEAN, shape.places());
    List<String> questions = asked.stream().map(NovelPassages.Asked::question).toList();
    List<float[]> sought = own.encode(questions);
    Map<String, Function<String, List<float[]>>> ways = new LinkedHashMap<>();
    ways.put("truncation", text -> List.of(own.encode(text)));
    ways.put("chunks", text -> own.encode(chunks(text, open.tokenizer())));
    for (String method : methods) {
      Encoder whole = open.readingOn(method, Pooling.MEAN);
      ways.put("whole, " + method, text -> List.of(whole.encode(text)));
      ways.put("late chunks, " + method, text -> whole.encodeParts(text, shape.places()));
    }
    ways.forEach(
        (way, encoding) -> {
          List<List<float[]>> passages =
              asked.stream().map(one -> encoding.apply(one.text())).toList();
          rows.accept(row(open, length, way, found(sought, passages)));
        });
  }

  // Parts of as many tokens as an encoder of short texts reads, cut between words.
  private List<String> chunks(String text, Tokenizer tokenizer) {
    List<String> chunks = new ArrayList<>();
    List<String> chunk = new ArrayList<>();
    int tokens = 0;
    for (String word : text.split(" ", -1)) {
      int own = tokenizer.encode(word).length;
      if (!chunk.isEmpty() && tokens + own > shape.places() - MARKS) {
        chunks.add(String.join(" ", chunk));
        chunk.clear();
        tokens = 0;
      }
      chunk.add(word);
      tokens += own;
    }
    chunks.add(String.join(" ", chunk));
    return chunks;
  }

  // The share of questions whose own passage has the vector of the greatest cosine; vectors have
  // length 1.
  private static double found(List<float[]> questions, List<List<float[]>> passages) {
    int right = 0;
    for (int question = 0; question < questions.size(); question++) {
      double[] best = new double[passages.size()];
      for (int passage = 0; passage < best.length; passage++) {
        best[passage] = Double.NEGATIVE_INFINITY;
        for (float[] vector : passages.get(passage)) {
          best[passage] = Math.max(best[passage], product(questions.get(question), vector));
        }
      }
      double own = best[question];
      right += Arrays.stream(best).filter(value -> value >= own).count() == 1 ? 1 : 0;
    }
    return (double) right / questions.size();
  }

  private static double product(float[] one, float[] other) {
    double sum = 0;
    for (int n = 0; n < one.length; n++) {
      sum += (double) one[n] * other[n];
    }
    return sum;
  }

  private Row row(OpenEncoder open, int length, String way, double found) {
    Map<String, Object> protocol = open.workshop().program();
    protocol.put("encoder", shape.kind().label());
    protocol.put("trained_length", shape.places());
    protocol.put("texts", source());
    protocol.put("loss", "info-nce");
    return new Row(
        shape.kind().label(),
        1,
        way,
        "found_first",
        length,
        null,
        null,
        found,
        sizes.passages(),
        protocol);
  }
}

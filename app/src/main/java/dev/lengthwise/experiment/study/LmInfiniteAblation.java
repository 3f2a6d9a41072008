package dev.lengthwise.experiment.study;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.evaluate.ContinuationTask;
import dev.lengthwise.evaluate.PerplexityTask;
import dev.lengthwise.experiment.CheckpointTrial;
import dev.lengthwise.experiment.Exhibit;
import dev.lengthwise.experiment.Experiment;
import dev.lengthwise.experiment.NamedText;
import dev.lengthwise.experiment.Row;
import dev.lengthwise.experiment.Scale;
import dev.lengthwise.experiment.Suite;
import dev.lengthwise.experiment.TestedModel;
import dev.lengthwise.experiment.Trial;
import dev.lengthwise.experiment.Workshop;
import dev.lengthwise.io.FileReason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// LM-Infinite taken apart: window, Λ-mask, ceiling, and the number of first tokens, on models that
/// were trained at 256 tokens: the bundled one, its twins of other families where they have been
/// trained, and one of others.
final class LmInfiniteAblation implements Experiment {

  private static final int TRAINED = 256;

  private static final CheckpointTrial.Source BUNDLED =
      new CheckpointTrial.Source(
          "java-5m", workshop -> workshop.bundledModel("java-5m"), Workshop::heldOutText);

  private static final CheckpointTrial.Source BABY =
      new CheckpointTrial.Source(
          "babyllama-105",
          workshop -> workshop.sharedData("models/babyllama-105/model5000.bin"),
          workshop -> stories(workshop.sharedData("texts/tinystories/tinystories_500.json")));

  private static final List<CheckpointTrial.Source> SOURCES =
      List.of(BUNDLED, twin("gpt-j"), twin("mpt"), twin("gpt-neox"), BABY);

  // Made by one command each: models/twins/README.md.
  private static CheckpointTrial.Source twin(String family) {
    String name = "java-5m-" + family;
    return new CheckpointTrial.Source(
        name, workshop -> workshop.trainedModel(name), Workshop::heldOutText);
  }

  @Override
  public String name() {
    return "lm-infinite";
  }

  @Override
  public String title() {
    return "LM-Infinite: what each part of it does";
  }

  @Override
  public String published() {
    return """
    Han et al., *LM-Infinite* (arXiv 2308.16137v7), LLaMA-7B on ArXiv, and Llama-2-7B.

    * Ablation at 8k tokens: the plain model and the Λ-mask without a ceiling explode right after the trained length; the ceiling alone rises steadily; the window alone is second worst; only the whole method is flat.
    * Number of first tokens, loss at 16k: 0: 6.43, 1: 1.03, 2: 1.03, 10: 1.02, 100: 1.02, 1000: 1.81.
    * Perplexity of Llama-2 with it on ArXiv: 3.6 at 4k, 3.3 at 8k, 4.2 at 16k, 6.5 at 32k; without it 8.5e3 at 8k and NaN after.
    * Generation (100 tokens) at 4k, 8k, 16k, 32k: BLEU 23.6, 23.9, 24.8, 18.4; without it 0.
    * Encoding 32k tokens 3.16 times and decoding 2.72 times as fast as the plain model.
    """;
  }

  @Override
  public String differences() {
    return """
    * Our models have millions of parameters and 5 or 6 layers and were trained at 256 tokens, theirs billions and 4,096: the ratio of length to trained length (up to 128) is the same, the reach of a layer is not.
    * They report the loss around a position, averaged over the documents that are long enough. The first table of a model scores the same last targets at every length, so that a longer context can only help. The tables "around a position" and "of all targets" are theirs: one pass over a text of the greatest length, the mean over the last 128 targets before a position and over all targets before it. Other targets at each position make these uneven.
    * A prompt of ours begins in the middle of a text and has no begin token, so the first tokens are ordinary ones.
    * Written text is judged by 10 pieces of each length, theirs by 100; BLEU, ROUGE-L and chrF are over words and characters, as sacrebleu and rouge-score have them.
    * Speeds are those of a reading pass on a machine that others used as well; `docs/performance.md` has the undisturbed ones.
    """;
  }

  @Override
  public List<Trial> trials(Scale scale) {
    List<Trial> trials = new ArrayList<>();
    for (CheckpointTrial.Source source : SOURCES) {
      variants().forEach((name, method) -> trials.add(trial(scale, source, name, method, null)));
      for (int global : scale.choose(List.of(0, 1, 2, 4, 10, 100), List.of(0, 10))) {
        String method = "lm-infinite:local=%d,global=%d".formatted(TRAINED, global);
        trials.add(trial(scale, source, "global-" + global, method, (double) global));
      }
    }
    return trials;
  }

  private static Map<String, String> variants() {
    Map<String, String> variants = new LinkedHashMap<>();
    variants.put("vanilla", "declared");
    variants.put("window only", "window:window=256");
    variants.put("Λ without ceiling", "lm-infinite:local=256,global=10,ceiling=none");
    variants.put("ceiling only", "rerope:window=256");
    variants.put("full", "lm-infinite:local=256,global=10");
    return variants;
  }

  private static Trial trial(
      Scale scale,
      CheckpointTrial.Source source,
      String variant,
      String method,
      @Nullable Double global) {
    String name = source.model() + "-" + variant.replace("Λ", "lambda").replace(' ', '-');
    return new CheckpointTrial(
        name,
        source,
        new TestedModel.Label(source.model() + ", " + variant, 1, global),
        method,
        global == null ? ablation(scale) : globals(scale));
  }

  // Written text is judged at fewer lengths: the plain model reads each anew, at quadratic cost.
  private static List<Suite> ablation(Scale scale) {
    Suite loss =
        new Suite(
            List.of(new PerplexityTask()),
            scale.choose(
                List.of(256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768), List.of(256, 320)),
            scale.choose(2, 1),
            128,
            List.of(),
            1);
    Suite writing =
        new Suite(
            List.of(new ContinuationTask(scale.choose(100, 4))),
            scale.choose(List.of(128, 256, 512, 1024, 4096), List.of(256)),
            scale.choose(10, 1),
            128,
            List.of(),
            1);
    return List.of(loss, writing);
  }

  private static List<Suite> globals(Scale scale) {
    return List.of(
        new Suite(
            List.of(new PerplexityTask()),
            scale.choose(List.of(256, 1024, 4096, 16_384), List.of(256, 320)),
            scale.choose(4, 1),
            128,
            List.of(),
            1));
  }

  @Override
  public List<Exhibit> exhibits() {
    List<Exhibit> exhibits = new ArrayList<>();
    exhibits.add(families("families-around", "Perplexity around a position", "loss_around"));
    exhibits.add(
        families(
            "families-prefix", "Perplexity of all targets up to a position", "loss_of_prefix"));
    for (CheckpointTrial.Source source : SOURCES) {
      String model = source.model();
      exhibits.add(
          ablation("ablation", "Perplexity by length", Exhibit.Shown.PERPLEXITY, model, "loss"));
      exhibits.add(
          ablation(
              "positions",
              "Loss by position in a text of the greatest length",
              Exhibit.Shown.NATS,
              model,
              "loss_at_position"));
      for (String score : List.of("BLEU", "ROUGE-L", "chrF")) {
        String metric = score.toLowerCase(Locale.ROOT).replace("-l", "");
        exhibits.add(
            ablation(
                "continuation-" + metric,
                score + " of 100 generated tokens by position",
                Exhibit.Shown.PERCENT,
                model,
                "continuation_" + metric));
      }
      exhibits.add(
          new Exhibit(
              "globals-" + model,
              "Perplexity by the number of first tokens that stay, " + model,
              Exhibit.Across.LENGTH,
              Exhibit.Shown.PERPLEXITY,
              row -> isOf(row, model) && row.parameter() != null && row.metric().equals("loss")));
      exhibits.add(
          ablation(
              "speed",
              "Tokens read in a second, by length",
              Exhibit.Shown.NUMBER,
              model,
              "tokens_per_second"));
    }
    return exhibits;
  }

  private static Exhibit families(String file, String title, String metric) {
    return new Exhibit(
        file,
        title + ", every family, plain and with LM-Infinite",
        Exhibit.Across.LENGTH,
        Exhibit.Shown.PERPLEXITY,
        row ->
            row.parameter() == null
                && row.metric().equals(metric)
                && (row.variant().endsWith(", vanilla") || row.variant().endsWith(", full")));
  }

  private static Exhibit ablation(
      String file, String title, Exhibit.Shown shown, String model, String metric) {
    return new Exhibit(
        file + "-" + model,
        title + ", " + model,
        Exhibit.Across.LENGTH,
        shown,
        row -> isOf(row, model) && row.parameter() == null && row.metric().equals(metric));
  }

  private static boolean isOf(Row row, String model) {
    return row.variant().startsWith(model + ",");
  }

  // A list of texts.
  private static NamedText stories(Path file) {
    try {
      List<String> stories =
          new JsonMapper().readValue(file.toFile(), new TypeReference<List<String>>() {});
      return new NamedText("TinyStories, 500 stories", String.join("\n", stories));
    } catch (IOException e) {
      throw new LengthwiseException(
          "The stories of " + file + " cannot be read: " + FileReason.of(e), e);
    }
  }
}

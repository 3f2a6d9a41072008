package dev.lengthwise.experiment.study;

import dev.lengthwise.evaluate.PasskeyTask;
import dev.lengthwise.experiment.CacheTrial;
import dev.lengthwise.experiment.CheckpointTrial;
import dev.lengthwise.experiment.Exhibit;
import dev.lengthwise.experiment.Experiment;
import dev.lengthwise.experiment.Scale;
import dev.lengthwise.experiment.Suite;
import dev.lengthwise.experiment.TestedModel;
import dev.lengthwise.experiment.Trial;
import dev.lengthwise.experiment.Workshop;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The passkey of LM-Infinite, with and without the best keys of the middle, and what each of their
/// settings does.
final class PasskeyRetrieval implements Experiment {

  private static final int TRAINED = 256;
  private static final int ABLATED_LENGTH = 1024;
  private static final String MASKED = "lm-infinite:local=256,global=10";
  private static final String TOP_KEYS = MASKED + ",top-k=%d,from-layer=%d,middle=%d";
  private static final int KEYS = 5;
  private static final int FIRST_LAYER = 4;
  private static final int DISTANCE = 128;

  private static final CheckpointTrial.Source BUNDLED =
      new CheckpointTrial.Source(
          "java-5m", workshop -> workshop.bundledModel("java-5m"), Workshop::heldOutText);

  @Override
  public String name() {
    return "passkey";
  }

  @Override
  public String title() {
    return "The passkey of LM-Infinite, with and without keys of the middle";
  }

  @Override
  public String published() {
    return """
    Han et al., *LM-Infinite* (arXiv 2308.16137v7), Llama-2-7B-chat, trained at 4,096 tokens; a key is found when the first integer of seven written tokens is it; 1,000 prompts of a length.

    | | 6k | 8k | 10k | 12k | 16k |
    |---|--:|--:|--:|--:|--:|
    | plain | 0 | 0 | 0 | 0 | 0 |
    | the last 4,096 tokens alone | 66.0 | 55.3 | 38.8 | 32.8 | 27.3 |
    | LM-Infinite with the 5 best keys of the middle | 70.3 | 90.8 | 86.5 | 79.3 | 79.1 |

    The last token of the prompt and each written one see those keys, head by head, from the fifth layer on, at half of the trained length. What the settings do (share found):

    * keys 1, 3, 5, 10, 20, 50, 200: 0.69, 0.81, 0.81, 0.79, 0.80, 0.79, 0.73;
    * distance 512, 1,024, 2,048, 3,072, 4,096: 0.78, 0.79, 0.81, 0.68, 0.63;
    * first layer 0, 4, 5, 6, 8, 16, 24 of 32: 0.81, 0.94, 0.94, 0.91, 0.46, 0.45, 0.46.

    Without keys of the middle nobody found what lies outside of the window (issue 13 of StreamingLLM).
    """;
  }

  @Override
  public String differences() {
    return """
    * java-5m has 6 layers and was trained at 256 tokens, on keys in these very words; Llama-2-7B-chat has 32 layers and follows an instruction.
    * The prompt is that of Landmark Attention, whose pieces are joined by line breaks. The paper's joins them by spaces, takes whole filler sentences and ends with a space; a key of theirs has one to seven digits, ours has five.
    * The lengths are the same multiples of the trained length (1.5, 2, 2.5, 3, 4), and 8 beside them; 15 prompts of a length where they have 1,000: one prompt is 7 points, and the deviation of a share of a half is 13.
    * They compare with a text that is cut to its last 4,096 tokens; a key at a random place then lies in what is left with probability 4,096 / length. We have the window in its place, which forgets the same.
    * The published program shifts scores of the middle by the logarithm of their number as well, which the paper does not say; we do not.
    """;
  }

  @Override
  public List<Trial> trials(Scale scale) {
    // What says most comes first: a run that is cut off has it.
    List<Trial> trials = new ArrayList<>();
    trials.add(
        new CacheTrial(
            BUNDLED,
            methods(),
            scale.choose(List.of(256, 1024, 4096, 16_384, 32_768), List.of(64))));
    trials.addAll(byLength(scale, scale.choose(List.of(256, 512, 1024), List.of(256))));
    for (int layer : scale.choose(List.of(4, 0, 2, 5, 1, 3), List.of(4))) {
      trials.add(ablation(scale, "first layer", layer, KEYS, layer, DISTANCE));
    }
    for (int keys : scale.choose(List.of(5, 1, 50, 3, 10, 20, 200), List.of(5))) {
      trials.add(ablation(scale, "keys", keys, keys, FIRST_LAYER, DISTANCE));
    }
    for (int distance : scale.choose(List.of(128, 32, 256, 64, 192), List.of(128))) {
      trials.add(ablation(scale, "distance", distance, KEYS, FIRST_LAYER, distance));
    }
    trials.addAll(byLength(scale, scale.choose(List.of(384, 640, 768, 2048), List.of())));
    return trials;
  }

  private static List<Trial> byLength(Scale scale, List<Integer> lengths) {
    List<Trial> trials = new ArrayList<>();
    for (int length : lengths) {
      methods()
          .forEach(
              (name, method) ->
                  trials.add(trial(name + " " + length, name, method, null, suite(scale, length))));
    }
    return trials;
  }

  private static Map<String, String> methods() {
    Map<String, String> methods = new LinkedHashMap<>();
    methods.put("plain", "declared");
    methods.put("window", "window:window=" + TRAINED);
    methods.put("LM-Infinite", MASKED);
    methods.put("with 5 keys of the middle", TOP_KEYS.formatted(KEYS, FIRST_LAYER, DISTANCE));
    return methods;
  }

  private static Trial ablation(
      Scale scale, String what, int value, int keys, int layer, int distance) {
    return trial(
        what + " " + value,
        what,
        TOP_KEYS.formatted(keys, layer, distance),
        (double) value,
        suite(scale, scale.choose(ABLATED_LENGTH, TRAINED)));
  }

  private static Trial trial(
      String name, String variant, String method, @Nullable Double parameter, Suite suite) {
    return new CheckpointTrial(
        name.toLowerCase(Locale.ROOT).replace(' ', '-'),
        BUNDLED,
        new TestedModel.Label(variant, 1, parameter),
        method,
        List.of(suite));
  }

  private static Suite suite(Scale scale, int length) {
    return new Suite(
        List.of(new PasskeyTask()),
        List.of(length),
        1,
        1,
        scale.choose(List.of(0.1, 0.3, 0.5, 0.7, 0.9), List.of(0.1)),
        scale.choose(3, 1));
  }

  @Override
  public List<Exhibit> exhibits() {
    return List.of(
        byLength("first-integer", "First integer of seven tokens is the key", "first_integer"),
        byLength("contained", "The seven tokens contain the key", "contained"),
        byLength("digits", "Digits of the key that are the most likely tokens", "digits"),
        ablation("keys", "keys of the middle"),
        ablation("distance", "distance at which they stand"),
        ablation("first layer", "first layer, from 0, that sees them"),
        new Exhibit(
            "memory",
            "Memory of keys and values by length, MiB",
            Exhibit.Across.LENGTH,
            Exhibit.Shown.NUMBER,
            Exhibit.metric(CacheTrial.METRIC)));
  }

  private static Exhibit byLength(String file, String title, String metric) {
    return new Exhibit(
        file,
        title + ", by length",
        Exhibit.Across.LENGTH,
        Exhibit.Shown.PERCENT,
        row -> row.parameter() == null && row.metric().equals("passkey_" + metric));
  }

  // All variants are one line: they differ in the number alone.
  private static Exhibit ablation(String variant, String what) {
    return new Exhibit(
        "by-" + variant.replace(' ', '-'),
        "At 1,024 tokens: " + what,
        new Exhibit.Across(variant, true, false),
        Exhibit.Shown.PERCENT,
        row -> row.variant().equals(variant) && row.metric().startsWith("passkey_"),
        Exhibit.Lines.METRICS);
  }
}

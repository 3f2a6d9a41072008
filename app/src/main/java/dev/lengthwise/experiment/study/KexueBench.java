package dev.lengthwise.experiment.study;

import dev.lengthwise.evaluate.QuestionTask;
import dev.lengthwise.experiment.Exhibit;
import dev.lengthwise.experiment.Experiment;
import dev.lengthwise.experiment.QuestionData;
import dev.lengthwise.experiment.Scale;
import dev.lengthwise.experiment.SmallModel;
import dev.lengthwise.experiment.Suite;
import dev.lengthwise.experiment.TrainedTrial;
import dev.lengthwise.experiment.TrainingTexts;
import dev.lengthwise.experiment.Trial;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The test bench of J. Su's posts: ways to train and ways to extend, on natural and repeated texts
/// at the trained length and 8 times that.
final class KexueBench implements Experiment {

  private static final int STEPS = 1500;
  private static final String EVEN_PAIRS = "even-pairs";
  private static final int EVEN_PAIRS_STEPS = 1000;
  private static final int LONGEST_EVEN_PAIRS = 12;

  private static final List<String> EXTENDED =
      List.of("declared", "ntk:factor=8", "yarn:factor=8", "rerope:window=64");

  private static final List<String> EXTENDED_PROBE =
      List.of("declared", "ntk:factor=8", "yarn:factor=8", "rerope:window=8");

  private static final List<String> EXTENDED_DIGIT_RECALL =
      List.of(
          "declared",
          "linear:factor=8",
          "ntk:factor=8",
          "ntk-mixed:factor=8",
          "yarn:factor=8",
          "rerope:window=32",
          "leaky-rerope:window=16,factor=16",
          "log-n",
          "rerope:window=32+log-n");

  private static final List<String> OF_PLAIN_ROTARY =
      List.of(
          "linear:factor=8",
          "ntk-mixed:factor=8,exponent=1",
          "ntk-mixed:factor=8",
          "rerope:window=16",
          "rerope:window=32",
          "leaky-rerope:window=32,factor=16");

  private static final List<String> WITH_LOG_N =
      List.of(
          "linear:factor=8+log-n",
          "ntk:factor=8+log-n",
          "ntk-mixed:factor=8,exponent=1+log-n",
          "ntk-mixed:factor=8+log-n",
          "rerope:window=32+log-n",
          "rerope:window=64+log-n");

  @Override
  public String name() {
    return "kexue";
  }

  @Override
  public String title() {
    return "The kexue.fm bench: natural and repeated texts at 8 times the trained length";
  }

  @Override
  public String published() {
    return """
    J. Su, kexue.fm 9603, 9675, 9706, 9708, 9728, 9859 (2023): 100M parameters, 24 gated attention units, trained at 512; accuracy in per cent at 4,096 tokens, repeated / natural (49.4 at 512).

    | | plain | log-n | log-n at evaluation |
    |---|--:|--:|--:|
    | nothing | 24.17 / 23.16 | 24.60 / 24.02 | |
    | linear | 15.04 / 13.54 | 14.99 / 16.51 | |
    | NTK old | 51.28 / 39.27 | 61.71 / 43.75 | |
    | NTK fixed | 51.86 / 39.61 | 62.85 / 44.14 | 55.94 / 41.11 |
    | NTK mixed | 53.09 / 40.12 | 68.91 / 45.41 | 59.11 / 42.38 |
    | YaRN | 80.10 / 47.45 | 82.57 / 46.52 | |
    | ReRoPE, window a quarter | 76.11 / 47.82 | 85.47 / 48.87 | 82.28 / 48.78 |
    | ReRoPE, window a half | 77.90 / 48.48 | 85.12 / 49.07 | 82.40 / 48.85 |
    | HWFA | | 80.84 / 48.15 | |
    | inverse Leaky ReRoPE | | 82.25 / 48.32 | |
    | KeyNorm, nothing / YaRN / ReRoPE | 61.08 / 47.69, 84.19 / 47.44, 77.76 / 47.73 | 63.17 / 46.40, 83.95 / 47.16, 85.48 / 48.78 | |

    Even pairs (are the first and the last symbol equal?): HWFA answers all beyond the trained length.
    """;
  }

  @Override
  public String differences() {
    return """
    * His model has 24 gated attention units with one head of 128, post-norm and Tiger; ours four layers of attention and feed-forward with four heads of 32, pre-norm and AdamW. With 16 pairs of channels instead of 64, frequencies lie farther apart.
    * Ours sees about 1.5 million tokens; he says of his runs that they had not converged either.
    * His repeated texts are whole documents; ours are pieces longer than the trained length.
    * Even pairs: ours are asked in the form `abba=` and answered with one symbol; his models and lengths are not told.
    * One run for each way of training, as in the posts: differences of a point mean little.
    """;
  }

  @Override
  public List<Trial> trials(Scale scale) {
    String logN = "+log-n:base=%d,minimum=0".formatted(scale.choose(128, 32));
    Map<String, SmallModel> recipes = new LinkedHashMap<>();
    recipes.put("baseline", SmallModel.of(scale, "rope", STEPS));
    recipes.put("baseline, log-n", SmallModel.of(scale, "rope" + logN, STEPS));
    recipes.put("inverse Leaky", SmallModel.of(scale, "inverse-leaky" + logN, STEPS));
    recipes.put(
        "inverse Leaky, base x 8",
        SmallModel.of(scale, "inverse-leaky" + logN, STEPS).withRotaryBase(80_000));
    recipes.put("HWFA", SmallModel.of(scale, "hwfa", STEPS));
    recipes.put("HWFA2", SmallModel.of(scale, "hwfa2", STEPS));
    for (String map : List.of("key-norm", "query-norm", "cosine")) {
      recipes.put(map, SmallModel.of(scale, "rope+" + map, STEPS));
      recipes.put(map + ", log-n", SmallModel.of(scale, "rope+" + map + logN, STEPS));
    }
    List<Trial> trials =
        new ArrayList<>(
            TrainedTrial.grid(recipes, List.of(1L), KexueBench::methods, Suite.small(scale)));
    trials.addAll(evenPairs(scale));
    trials.addAll(
        DigitRecallProbe.trials(
            scale,
            digitRecallMethods(),
            scale.choose(List.of(1L, 2L), List.of(1L)),
            variant -> variant.equals("baseline") ? EXTENDED_DIGIT_RECALL : List.of("declared")));
    return trials;
  }

  private static Map<String, String> digitRecallMethods() {
    Map<String, String> methods = new LinkedHashMap<>();
    methods.put("baseline", "rope");
    methods.put("baseline, log-n", "rope+log-n:base=64,minimum=0");
    methods.put("inverse Leaky", "inverse-leaky+log-n:base=64,minimum=0");
    methods.put("HWFA", "hwfa");
    methods.put("HWFA2", "hwfa2");
    methods.put("key-norm", "rope+key-norm");
    return methods;
  }

  // Short ones are learnt, ones of up to 60 symbols are not: see experiments/LOG.md.
  private static List<Trial> evenPairs(Scale scale) {
    TrainingTexts questions =
        new QuestionData(EVEN_PAIRS, 2, LONGEST_EVEN_PAIRS, scale.choose(100_000, 200));
    Map<String, String> methods = new LinkedHashMap<>();
    methods.put(EVEN_PAIRS, "rope");
    methods.put(EVEN_PAIRS + ", HWFA", "hwfa");
    methods.put(EVEN_PAIRS + ", HWFA2", "hwfa2");
    methods.put(EVEN_PAIRS + ", key-norm", "rope+key-norm");
    Map<String, SmallModel> recipes = new LinkedHashMap<>();
    methods.forEach(
        (name, method) ->
            recipes.put(
                name, SmallModel.ofQuestions(scale, questions, method, 16, EVEN_PAIRS_STEPS)));
    Suite suite =
        new Suite(
            List.of(new QuestionTask(EVEN_PAIRS)),
            scale.choose(List.of(6, 12, 24, 48, 96, 192), List.of(12, 24)),
            1,
            1,
            List.of(),
            scale.choose(200, 4));
    return TrainedTrial.grid(
        recipes,
        List.of(1L),
        variant -> variant.equals(EVEN_PAIRS) ? EXTENDED_PROBE : List.of("declared"),
        suite);
  }

  // Windows of layers and stretched training are ways of their own: nothing goes on top of them.
  private static List<String> methods(String variant) {
    if (variant.startsWith("inverse") || variant.startsWith("HWFA")) {
      return List.of("declared");
    }
    if (variant.startsWith("baseline")) {
      List<String> all = Stream.concat(EXTENDED.stream(), OF_PLAIN_ROTARY.stream()).toList();
      return variant.equals("baseline")
          ? Stream.concat(all.stream(), WITH_LOG_N.stream()).toList()
          : all;
    }
    return EXTENDED;
  }

  @Override
  public List<Exhibit> exhibits() {
    List<Exhibit> exhibits = new ArrayList<>(Exhibit.ofSmallModels());
    exhibits.add(
        new Exhibit(
            EVEN_PAIRS,
            "Even pairs answered, by number of symbols (trained with up to 12; 50 % is chance)",
            new Exhibit.Across("symbols", false, true),
            Exhibit.Shown.PERCENT,
            row -> row.metric().equals("answer_exact") && row.variant().startsWith(EVEN_PAIRS)));
    exhibits.add(DigitRecallProbe.exhibit());
    return exhibits;
  }
}

package dev.lengthwise.experiment;

import dev.lengthwise.diagnose.LogDistanceBuckets;
import dev.lengthwise.diagnose.ScoreTerms;
import dev.lengthwise.diagnose.TextAttention;
import dev.lengthwise.generate.InferenceModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;

/// The scores of a trained model on held-out text by distance, beyond the trained length as well:
/// the mean over all heads and pairs of queries and keys, by layer. A row's `length` is the
/// distance, its `parameter` the layer, counted from 1.
///
/// @param model the trial that trains it, which comes earlier in the experiment
/// @param methods under which it is evaluated
/// @param tokens of the text
public record TrainedScores(TrainedTrial model, List<String> methods, int tokens) implements Trial {

  /// The metric of scores of query and key without their biases.
  public static final String CONTENT = "score_content";
  static final String QUERY_BIAS = "score_query_bias";
  static final String KEY_BIAS = "score_key_bias";
  static final String BOTH_BIASES = "score_both_biases";

  /// The metric of whole scores.
  public static final String TOTAL = "score";

  // Pairs take the time of a token, one in so many: measured, roughly.
  private static final int PAIRS_IN_THE_TIME_OF_A_TOKEN = 20;

  /// One for every training among `trials` whose variant is named.
  public static List<Trial> of(
      List<Trial> trials, List<String> variants, List<String> methods, int tokens) {
    List<Trial> scores = new ArrayList<>();
    for (Trial trial : trials) {
      if (trial instanceof TrainedTrial trained && variants.contains(trained.label().variant())) {
        scores.add(new TrainedScores(trained, methods, tokens));
      }
    }
    return scores;
  }

  /// One of the numbers by distance, for all variants.
  public static Exhibit exhibit(String metric) {
    return new Exhibit(
        "scores",
        "Attention scores by distance, mean over layers, heads and pairs",
        Exhibit.Across.DISTANCE,
        Exhibit.Shown.NUMBER,
        Exhibit.metric(metric));
  }

  public TrainedScores {
    methods = List.copyOf(methods);
  }

  @Override
  public String name() {
    return model.name() + "-scores";
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("model", model.name());
    settings.put("train", model.settings().get("train"));
    settings.put("methods", methods);
    settings.put("tokens", tokens);
    return settings;
  }

  @Override
  public long cost() {
    return (long) methods.size() * tokens * tokens / PAIRS_IN_THE_TIME_OF_A_TOKEN;
  }

  @Override
  public void run(Workshop workshop, Consumer<Row> rows) {
    Path folder = model.modelFolder(workshop);
    try (TestedModel tested =
        new TestedModel(workshop, folder, "declared", workshop.heldOutText())) {
      Map<String, Object> protocol = tested.protocol();
      protocol.put("tokens", tokens);
      for (String method : methods) {
        InferenceModel inference = tested.inference(method, tokens);
        byLayer(TextAttention.terms(inference, tested.firstTokens(tokens)))
            .forEach((layer, terms) -> report(method, layer, terms, protocol, rows));
      }
    }
  }

  private static Map<Integer, List<ScoreTerms>> byLayer(List<ScoreTerms> all) {
    Map<Integer, List<ScoreTerms>> layers = new TreeMap<>();
    all.forEach(term -> layers.computeIfAbsent(term.layer(), _ -> new ArrayList<>()).add(term));
    return layers;
  }

  private void report(
      String method,
      int layer,
      List<ScoreTerms> terms,
      Map<String, Object> protocol,
      Consumer<Row> rows) {
    Map<String, ToDoubleFunction<ScoreTerms>> metrics = new LinkedHashMap<>();
    metrics.put(CONTENT, ScoreTerms::content);
    metrics.put(QUERY_BIAS, ScoreTerms::queryBias);
    metrics.put(KEY_BIAS, ScoreTerms::keyBias);
    metrics.put(BOTH_BIASES, ScoreTerms::bothBiases);
    metrics.put(TOTAL, ScoreTerms::total);
    Map<Integer, List<ScoreTerms>> buckets = new TreeMap<>();
    for (ScoreTerms term : terms) {
      if (term.distance() > 0) { // distances are shown by their logarithms
        int bucket = LogDistanceBuckets.of(term.distance());
        buckets.computeIfAbsent(bucket, _ -> new ArrayList<>()).add(term);
      }
    }
    for (List<ScoreTerms> bucket : buckets.values()) {
      metrics.forEach(
          (metric, field) -> {
            double mean = bucket.stream().mapToDouble(field).average().orElseThrow();
            rows.accept(
                new Row(
                    model.label().variant(),
                    model.label().seed(),
                    method,
                    metric,
                    bucket.getLast().distance(),
                    layer + 1.0,
                    null,
                    mean,
                    bucket.size(),
                    protocol));
          });
    }
  }
}

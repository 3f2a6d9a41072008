package dev.lengthwise.experiment;

import dev.lengthwise.diagnose.AttentionSummary;
import dev.lengthwise.diagnose.LayerDiagnosis;
import dev.lengthwise.diagnose.LogDistanceBuckets;
import dev.lengthwise.diagnose.ScoreGrowth;
import dev.lengthwise.diagnose.TextDiagnosis;
import dev.lengthwise.generate.InferenceModel;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/// How the scores of a model grow with the distance, and the entropy of its weights with the
/// position, past its trained length: the first two diagnostics of LM-Infinite. A row's `length` is
/// the distance or the position.
///
/// @param source the model and the text
/// @param methods under which it is looked at
/// @param texts pieces of the text whose last tokens' scores count; the entropy is of the first
/// @param tokens of a piece
public record DiagnosisTrial(
    CheckpointTrial.Source source, List<String> methods, int texts, int tokens) implements Trial {

  /// Mean over heads of the running maximum of `|score|`.
  public static final String GROWTH = "score_growth";

  /// The same, plus one deviation over heads.
  public static final String GROWTH_ABOVE = "score_growth_above";

  /// The same, less one deviation.
  public static final String GROWTH_BELOW = "score_growth_below";

  /// Mean over layers and heads of the entropy of a token's weights, in nats.
  public static final String ENTROPY = "entropy";

  // Pairs take the time of a token, one in so many: measured, roughly.
  private static final int PAIRS_IN_THE_TIME_OF_A_TOKEN = 20;

  /// Copies the list.
  public DiagnosisTrial {
    methods = List.copyOf(methods);
  }

  @Override
  public String name() {
    return source.model() + "-scores";
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = source.settings();
    settings.put("methods", methods);
    settings.put("texts", texts);
    settings.put("tokens", tokens);
    return settings;
  }

  @Override
  public long cost() {
    return methods.size()
        * ((long) texts * tokens + (long) tokens * tokens / PAIRS_IN_THE_TIME_OF_A_TOKEN);
  }

  @Override
  public Optional<String> obstacle(Workshop workshop) {
    return source.obstacle(workshop);
  }

  @Override
  public void run(Workshop workshop, Consumer<Row> rows) {
    try (TestedModel model = source.open(workshop)) {
      List<int[]> pieces = model.pieces(texts, tokens);
      Map<String, Object> protocol = model.protocol();
      protocol.put("texts", texts);
      protocol.put("tokens", tokens);
      for (String method : methods) {
        InferenceModel inference = model.inference(method, tokens);
        growth(new Sink(method, protocol, rows), ScoreGrowth.of(inference, pieces));
        entropy(new Sink(method, protocol, rows), inference, pieces.getFirst());
      }
    }
  }

  /// Where rows of a method go.
  private record Sink(String method, Map<String, Object> protocol, Consumer<Row> rows) {}

  // A running maximum says at the end of a bucket what it says of the bucket.
  private void growth(Sink sink, List<ScoreGrowth> growth) {
    Map<Integer, ScoreGrowth> last = new TreeMap<>();
    growth.stream()
        .filter(at -> at.distance() > 0)
        .forEach(at -> last.put(LogDistanceBuckets.of(at.distance()), at));
    for (ScoreGrowth at : last.values()) {
      report(sink, GROWTH, at.distance(), at.mean());
      report(sink, GROWTH_ABOVE, at.distance(), at.mean() + at.deviation());
      report(sink, GROWTH_BELOW, at.distance(), at.mean() - at.deviation());
    }
  }

  private void entropy(Sink sink, InferenceModel inference, int[] piece) {
    List<LayerDiagnosis> layers =
        TextDiagnosis.of(
            inference,
            piece,
            _ -> true,
            Set.of(LayerDiagnosis.Part.ATTENTION),
            new AttentionSummary.Zones(0, 0, tokens));
    Map<Integer, Double> sums = new TreeMap<>();
    int attending = 0;
    for (LayerDiagnosis layer : layers) {
      AttentionSummary summary = layer.inBuckets().attention();
      if (summary != null) {
        attending++;
        summary.positions().forEach(at -> sums.merge(at.position(), at.entropy(), Double::sum));
      }
    }
    for (Map.Entry<Integer, Double> at : sums.entrySet()) {
      report(sink, ENTROPY, at.getKey(), at.getValue() / attending);
    }
  }

  private void report(Sink sink, String metric, int place, double value) {
    sink.rows()
        .accept(
            new Row(
                source.model(),
                1,
                sink.method(),
                metric,
                place,
                null,
                null,
                value,
                texts,
                sink.protocol()));
  }
}

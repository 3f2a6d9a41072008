package dev.lengthwise.experiment;

import dev.lengthwise.diagnose.LogDistanceBuckets;
import dev.lengthwise.diagnose.PositionsInStates;
import dev.lengthwise.generate.InferenceModel;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/// What the hidden states of a model say about positions, inside its trained length: the third
/// diagnostic of LM-Infinite. A row's `parameter` is the layer, counted from 1.
///
/// @param source the model and the text
/// @param layers which, counted from 1; those that the model lacks are left out
/// @param texts pieces of the text, an even number
/// @param tokens of a piece
public record StatesTrial(
    CheckpointTrial.Source source, List<Integer> layers, int texts, int tokens) implements Trial {

  /// Share of the variance of states that goes with the position.
  public static final String SHARE = "position_share";

  /// Share of the variance of the position's logarithm that a line through the states reads.
  public static final String READ = "position_read";

  /// Share of the variance in the plane of the two principal components.
  public static final String EXPLAINED = "plane_share";

  /// Distance from the middle of all tokens to the tokens at a position, in that plane.
  public static final String APART = "plane_distance";

  /// Copies the list.
  public StatesTrial {
    layers = List.copyOf(layers);
  }

  @Override
  public String name() {
    return source.model() + "-states";
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = source.settings();
    settings.put("layers", layers);
    settings.put("read", "ln(position), by a ridge regression on half of the texts");
    settings.put("texts", texts);
    settings.put("tokens", tokens);
    return settings;
  }

  @Override
  public long cost() {
    return 2L * texts * tokens;
  }

  @Override
  public Optional<String> obstacle(Workshop workshop) {
    return source.obstacle(workshop);
  }

  @Override
  public void run(Workshop workshop, Consumer<Row> rows) {
    try (TestedModel model = source.open(workshop)) {
      InferenceModel inference = model.inference("declared", tokens);
      Map<String, Object> protocol = model.protocol();
      protocol.putAll(settings());
      for (PositionsInStates states :
          PositionsInStates.of(
              inference, model.pieces(texts, tokens), layer -> layers.contains(layer + 1))) {
        report(states, protocol, rows);
      }
    }
  }

  private void report(PositionsInStates states, Map<String, Object> protocol, Consumer<Row> rows) {
    String layer = "layer " + (states.layer() + 1);
    double parameter = states.layer() + 1;
    rows.accept(row("declared", SHARE, tokens, parameter, states.share(), protocol));
    rows.accept(row("declared", READ, tokens, parameter, states.read(), protocol));
    double plane = states.explained().stream().mapToDouble(Double::doubleValue).sum();
    rows.accept(row("declared", EXPLAINED, tokens, parameter, plane, protocol));
    Map<Integer, Integer> ends = new TreeMap<>();
    for (int position = 1; position <= tokens; position++) {
      ends.put(LogDistanceBuckets.of(position), position);
    }
    List<Double> distances = states.distances();
    int from = 0;
    for (int end : ends.values()) {
      double mean =
          distances.subList(from, end).stream().mapToDouble(x -> x).average().orElseThrow();
      rows.accept(row(layer, APART, end, parameter, mean, protocol));
      from = end;
    }
  }

  private Row row(
      String method,
      String metric,
      int length,
      double layer,
      double value,
      Map<String, Object> protocol) {
    return new Row(source.model(), 1, method, metric, length, layer, null, value, texts, protocol);
  }
}

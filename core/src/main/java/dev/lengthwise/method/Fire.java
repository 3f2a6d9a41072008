package dev.lengthwise.method;

import dev.lengthwise.method.syntax.Checks;
import dev.lengthwise.method.syntax.MethodParameter;
import dev.lengthwise.method.syntax.MethodType;
import dev.lengthwise.position.FireBias;
import dev.lengthwise.position.LearnedParameter;
import dev.lengthwise.position.LearnedParameter.Range;
import dev.lengthwise.position.LearnedParameter.Start;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanParts;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.RotaryTable;
import java.util.List;
import java.util.Map;

/// FIRE: no rotation, and a small learned network of the distance, measured by the position of the
/// query ([FireBias] has the formula).
///
/// All layers share the network. It starts as a linear layer of PyTorch does, evenly distributed in
/// `±1/√inputs`; `c` starts at 0.1 and the multiplier of the threshold at 1.
///
/// Source: Li et al. 2023, "Functional Interpolation for Relative Positions Improves Long Context
/// Transformers".
///
/// @param width hidden channels of the network
/// @param threshold tokens up to which queries measure by the same length, before training
/// @param learned network, `c` and multiplier of the threshold
public record Fire(long width, long threshold, LearnedWeights learned) implements PositionMethod {

  private static final long MOST_WIDTH = 1 << 12;
  private static final double FIRST_SCALE = 0.1;
  private static final LearnedParameter SCALE =
      LearnedParameter.vector(FireBias.SCALE, 1, new Start.Constant(FIRST_SCALE), Range.ANY);
  private static final LearnedParameter MULTIPLIER =
      LearnedParameter.vector(FireBias.MULTIPLIER, 1, new Start.Constant(1), Range.ANY);

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "fire",
          "No rotation; a small learned network of the relative distance is added to scores.",
          "Li et al. 2023, FIRE, arXiv 2310.04418",
          "For models trained with it: its argument stays in the trained range at every length, so"
              + " loss rises slowly. On another checkpoint it destroys the model.",
          List.of(
              MethodParameter.tokens("width", "32", "hidden channels of the network"),
              MethodParameter.tokens(
                  "threshold",
                  "512",
                  "tokens up to which queries measure by the same length, before training")),
          (parameters, shape, declared) -> {
            Fire fresh =
                new Fire(
                    parameters.tokens("width", 32),
                    parameters.tokens("threshold", 512),
                    LearnedWeights.NONE);
            return LearnedWeights.partsOf(declared)
                .filter(part -> part.value().equals(fresh.value()))
                .findFirst()
                .orElse(fresh);
          });

  /// Checks the parameters.
  public Fire {
    Checks.between("fire", "width", (double) width, 1, MOST_WIDTH);
    Checks.tokens("fire", "threshold", threshold, 1);
  }

  @Override
  public MethodValue value() {
    return MethodValue.of(new MethodTerm("fire").with("width", width).with("threshold", threshold));
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    List<LearnedParameter> weights = weights(shape);
    FireBias bias =
        new FireBias(
            new FireBias.Layer(learned.of(weights.get(0)), learned.of(weights.get(1))),
            new FireBias.Layer(learned.of(weights.get(2)), learned.of(weights.get(3))),
            learned.of(SCALE).getFirst(),
            learned.of(MULTIPLIER).getFirst(),
            threshold);
    return new PlanParts(RotaryTable.NONE, null, null, bias, null);
  }

  @Override
  public List<LearnedParameter> weights(ModelShape shape) {
    int channels = (int) width;
    Start output = new Start.Uniform(-1 / Math.sqrt(channels), 1 / Math.sqrt(channels));
    Start hidden = new Start.Uniform(-1, 1);
    return List.of(
        LearnedParameter.vector(FireBias.HIDDEN_WEIGHTS, channels, hidden, Range.ANY),
        LearnedParameter.vector(FireBias.HIDDEN_BIASES, channels, hidden, Range.ANY),
        LearnedParameter.matrix(FireBias.OUTPUT_WEIGHTS, shape.heads(), channels, output),
        LearnedParameter.vector(FireBias.OUTPUT_BIASES, shape.heads(), output, Range.ANY),
        SCALE,
        MULTIPLIER);
  }

  @Override
  public Fire withWeights(Map<String, double[]> values) {
    return new Fire(width, threshold, LearnedWeights.of(values));
  }

  @Override
  public long identityLength(ModelShape shape) {
    return 0;
  }
}

package dev.lengthwise.method;

import dev.lengthwise.method.syntax.Checks;
import dev.lengthwise.method.syntax.MethodParameter;
import dev.lengthwise.method.syntax.MethodType;
import dev.lengthwise.position.BucketRule;
import dev.lengthwise.position.DistanceBias;
import dev.lengthwise.position.LearnedParameter;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanParts;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.RotaryTable;
import java.util.List;
import java.util.Map;

/// T5: no rotation, and a learned number for each bucket of distances and head ([BucketRule]).
///
///     β_h(ρ) = √headSize · table[bucket(ρ), h]
///
/// T5 itself has no `1/√headSize` in its scores. Here scores keep it and the table is multiplied by
/// `√headSize`, as in GPT-NeoX and the published code of KERPLE: one step of the optimiser then
/// moves scores and table by the same as in T5. All layers share the table.
///
/// Source: Raffel et al. 2020, "Exploring the Limits of Transfer Learning".
///
/// @param buckets rows of the table
/// @param distance first distance of which all are alike
/// @param learned `table`, `[buckets, heads]`
public record T5(long buckets, long distance, LearnedWeights learned) implements PositionMethod {

  private static final long MOST_BUCKETS = 1 << 12;
  private static final double DEVIATION = 0.02;

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "t5",
          "No rotation; a learned number for each bucket of distances is added to scores.",
          "Raffel et al. 2020, T5, arXiv 1910.10683",
          "For models trained with it, at more tokens than its distance: all that lies beyond is"
              + " alike, so loss rises slowly. On another checkpoint it destroys the model.",
          List.of(
              MethodParameter.tokens("buckets", "32", "rows of the table, an even number"),
              MethodParameter.tokens("distance", "128", "distance from which on all are alike")),
          (parameters, shape, declared) -> {
            T5 fresh =
                new T5(
                    parameters.tokens("buckets", 32),
                    parameters.tokens("distance", 128),
                    LearnedWeights.NONE);
            return LearnedWeights.partsOf(declared)
                .filter(part -> part.value().equals(fresh.value()))
                .findFirst()
                .orElse(fresh);
          });

  /// Checks the parameters.
  public T5 {
    Checks.between("t5", "buckets", (double) buckets, 2, MOST_BUCKETS);
    Checks.even("t5", "buckets", buckets);
    Checks.tokens("t5", "distance", distance, buckets / 2 + 1);
  }

  @Override
  public MethodValue value() {
    return MethodValue.of(new MethodTerm("t5").with("buckets", buckets).with("distance", distance));
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    DistanceBias bias =
        new DistanceBias.Table(
            new BucketRule((int) buckets, distance),
            Math.sqrt(shape.headSize()),
            learned.of(table(shape)));
    return new PlanParts(RotaryTable.NONE, null, null, bias, null);
  }

  @Override
  public List<LearnedParameter> weights(ModelShape shape) {
    return List.of(table(shape));
  }

  private LearnedParameter table(ModelShape shape) {
    return LearnedParameter.matrix(
        DistanceBias.TABLE,
        (int) buckets,
        shape.heads(),
        new LearnedParameter.Start.Normal(DEVIATION));
  }

  @Override
  public T5 withWeights(Map<String, double[]> values) {
    return new T5(buckets, distance, LearnedWeights.of(values));
  }

  @Override
  public long identityLength(ModelShape shape) {
    return 0;
  }
}

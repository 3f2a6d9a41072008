package dev.lengthwise.family;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lengthwise.position.MethodReader;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanParts;
import dev.lengthwise.position.PlanWeight;
import dev.lengthwise.position.PositionMethod;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/// The method of a checkpoint that declares two: what `over` sets, and for all else what `under`
/// does.
///
/// For instance a sliding window over plain rotary positions. Methods that set different parts are
/// joined with `+` instead.
///
/// @param over the method that wins
/// @param under the method below it
record DeclaredMethod(PositionMethod over, PositionMethod under) implements PositionMethod {

  /// The block of a header that names a method of this program.
  static final String BLOCK = "length_extrapolation";

  /// The method of a model from its base method and the block `length_extrapolation` of its header.
  ///
  /// @param base text of the base method, which sets frequencies or bias
  /// @param window text of an attention window that the architecture has, or empty
  static PositionMethod of(
      Settings config,
      String base,
      Optional<String> window,
      ModelShape shape,
      MethodReader reader) {
    Optional<String> own = config.block(BLOCK).map(DeclaredMethod::text).or(() -> window);
    PositionMethod under = reader.read(base, shape);
    if (own.isEmpty()) {
      return under;
    }
    PositionMethod over = reader.read(own.get(), shape);
    if (hides(over, under, shape)) {
      return over;
    }
    return conflict(over, under, shape)
        ? new DeclaredMethod(over, under)
        : reader.read(base + "+" + own.get(), shape);
  }

  // Whether nothing of `under` is left.
  private static boolean hides(PositionMethod over, PositionMethod under, ModelShape shape) {
    for (int layer = 0; layer < shape.layers(); layer++) {
      PlanParts upper = over.parts(shape, layer, shape.trainedLength());
      PlanParts lower = under.parts(shape, layer, shape.trainedLength());
      if (!upper.over(lower).toPlan().equals(upper.toPlan())) {
        return false;
      }
    }
    return true;
  }

  private static boolean conflict(PositionMethod over, PositionMethod under, ModelShape shape) {
    for (int layer = 0; layer < shape.layers(); layer++) {
      PlanParts lower = under.parts(shape, layer, shape.trainedLength());
      if (over.parts(shape, layer, shape.trainedLength()).conflictWith(lower) != null) {
        return true;
      }
    }
    return false;
  }

  // {"method": "lm-infinite", "local": 4096} → lm-infinite:local=4096
  private static String text(Settings block) {
    MethodTerm term =
        new MethodTerm(
            block.text("method").orElseThrow(() -> block.bad("method", "the name of a method")));
    for (Map.Entry<String, JsonNode> entry : block.values().properties()) {
      if (!entry.getKey().equals("method")) {
        term.with(entry.getKey(), value(block, entry.getKey(), entry.getValue()));
      }
    }
    return term.toString();
  }

  private static String value(Settings block, String key, JsonNode value) {
    if (value.isArray()) {
      return StreamSupport.stream(value.spliterator(), false)
          .map(element -> value(block, key, element))
          .collect(Collectors.joining(";"));
    }
    if (!value.isValueNode() || value.isNull()) {
      throw block.bad(key, "a number, a word or a truth value");
    }
    return value.isNumber() ? MethodTerm.number(value.doubleValue()) : value.asText();
  }

  @Override
  public String name() {
    return over.name() + " over " + under.name();
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    return over.parts(shape, layer, currentLength).over(under.parts(shape, layer, currentLength));
  }

  @Override
  public List<PlanWeight> weights(ModelShape shape) {
    return Stream.of(over, under).flatMap(method -> method.weights(shape).stream()).toList();
  }

  @Override
  public PositionMethod withWeights(Map<String, double[]> values) {
    return new DeclaredMethod(over.withWeights(values), under.withWeights(values));
  }

  @Override
  public boolean dependsOnLength() {
    return over.dependsOnLength() || under.dependsOnLength();
  }

  @Override
  public boolean dependsOnSteps() {
    return over.dependsOnSteps() || under.dependsOnSteps();
  }

  @Override
  public long identityLength(ModelShape shape) {
    return Math.min(over.identityLength(shape), under.identityLength(shape));
  }
}

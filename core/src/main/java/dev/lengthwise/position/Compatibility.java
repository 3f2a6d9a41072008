package dev.lengthwise.position;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Which methods make sense on which model: the one place of these rules.
///
/// A rule looks at parts of plans and knows no method by name, so that it holds for combinations
/// and for methods to come. What remains possible may still be poor: `rope` beyond the trained
/// length is refused by nobody.
public final class Compatibility {

  /// Methods are judged at this many times the trained length: some change nothing before.
  private static final long FAR = 8;

  private static final String ONLY_LOCAL_LAYERS_ROTATE =
      "no layer rotates and sees everything; with the key layers=all it changes local layers too";

  private Compatibility() {}

  /// One layer of a model, and what a method would set there.
  ///
  /// @param rule what kind of layer it is
  /// @param trained the plan that the model was trained with
  /// @param chosen the parts that the method sets
  private record Layer(LayerRule rule, AttentionPlan trained, PlanParts chosen) {

    QueryKeyMap map() {
      return chosen.map() != null ? chosen.map() : trained.map();
    }

    AttentionPlan plan() {
      return chosen.orElse(PlanParts.of(trained)).toPlan();
    }
  }

  /// Why `chosen` makes no sense on a model that was trained with `declared`, as one sentence;
  /// nothing where it does.
  public static Optional<String> refusal(
      ModelShape shape, PositionMethod declared, PositionMethod chosen) {
    if (chosen.equals(declared)) {
      return Optional.empty();
    }
    String reason = reason(shape, declared, chosen);
    return reason == null
        ? Optional.empty()
        : Optional.of(
            "%s makes no sense on a model trained with %s: %s"
                .formatted(chosen.name(), declared.name(), reason));
  }

  /// Why a model that was trained with `declared` cannot be trained further with `chosen`, as one
  /// sentence; nothing where it can. Training teaches the weights what [#refusal] says that they do
  /// not know: what is left are methods that can have no effect, or whose parts contradict one
  /// another.
  public static Optional<String> refusalOfTraining(
      ModelShape shape, PositionMethod declared, PositionMethod chosen) {
    if (chosen.equals(declared)) {
      return Optional.empty();
    }
    List<Layer> layers = layers(shape, declared, chosen);
    return Stream.concat(
            RULES_OF_TRAINING.stream().map(rule -> Optional.ofNullable(rule.apply(layers))),
            layers.stream().map(layer -> Optional.ofNullable(movesPositions(layer))))
        .flatMap(Optional::stream)
        .findFirst()
        .map(
            reason ->
                "A model with %s cannot be trained further with %s: %s"
                    .formatted(declared.name(), chosen.name(), reason));
  }

  private static @Nullable String reason(
      ModelShape shape, PositionMethod declared, PositionMethod chosen) {
    List<AttentionPlan> trained = plans(shape, declared.training());
    if (!chosen.training().equals(chosen)) {
      return plans(shape, chosen.training()).equals(trained)
          ? null
          : "it is a way to train, and this model was trained otherwise";
    }
    List<Layer> layers = layers(shape, declared, chosen);
    for (Function<List<Layer>, @Nullable String> rule : RULES_OF_ALL) {
      String reason = rule.apply(layers);
      if (reason != null) {
        return reason;
      }
    }
    for (Layer layer : layers) {
      for (Function<Layer, @Nullable String> rule : RULES) {
        String reason = rule.apply(layer);
        if (reason != null) {
          return reason;
        }
      }
    }
    return null;
  }

  private static List<Layer> layers(
      ModelShape shape, PositionMethod declared, PositionMethod chosen) {
    List<AttentionPlan> running = plans(shape, declared);
    PlanFunction plans = new PlanFunction(shape, declared, chosen);
    return IntStream.range(0, shape.layers())
        .mapToObj(
            layer ->
                new Layer(
                    OwnLayers.ruleOf(declared, layer),
                    running.get(layer),
                    plans.chosenParts(layer, FAR * shape.trainedLength())))
        .toList();
  }

  private static List<AttentionPlan> plans(ModelShape shape, PositionMethod method) {
    PlanFunction plans = new PlanFunction(shape, method, method);
    return IntStream.range(0, shape.layers())
        .mapToObj(layer -> plans.plan(layer, shape.trainedLength()))
        .toList();
  }

  private static final List<Function<List<Layer>, @Nullable String>> RULES_OF_ALL =
      List.of(
          Compatibility::changesNothing,
          Compatibility::replacesPlansOfLayers,
          Compatibility::movesWhatIsNotThere);

  private static final List<Function<List<Layer>, @Nullable String>> RULES_OF_TRAINING =
      List.of(Compatibility::changesNothing, Compatibility::movesWhatIsNotThere);

  private static final List<Function<Layer, @Nullable String>> RULES =
      List.of(
          Compatibility::changesRotation,
          Compatibility::changesBias,
          Compatibility::changesMap,
          Compatibility::changesLogScale,
          Compatibility::movesPositions);

  private static @Nullable String changesNothing(List<Layer> layers) {
    boolean ownLayers =
        layers.stream().noneMatch(layer -> layer.rule().equals(new LayerRule.Global()));
    return ownLayers && layers.stream().allMatch(layer -> layer.chosen().equals(PlanParts.NOTHING))
        ? ONLY_LOCAL_LAYERS_ROTATE
        : null;
  }

  // Rules that layers have of their own are no matter: a method leaves them, or was asked not to.
  private static @Nullable String replacesPlansOfLayers(List<Layer> all) {
    List<Layer> layers =
        all.stream().filter(layer -> layer.rule().equals(new LayerRule.Global())).toList();
    for (Layer layer : layers) {
      AttentionPlan first = layers.getFirst().trained();
      AttentionPlan trained = layer.trained();
      PlanParts chosen = layer.chosen();
      boolean replaces =
          (chosen.rotary() != null && !trained.rotary().equals(first.rotary()))
              || (chosen.branches() != null && !trained.branches().equals(first.branches()))
              || (chosen.scale() != null && !trained.scale().equals(first.scale()));
      if (replaces) {
        return "its layers have plans of their own, which the method would make alike";
      }
    }
    return null;
  }

  private static @Nullable String changesRotation(Layer layer) {
    RotaryTable chosen = layer.chosen().rotary();
    boolean turns = layer.trained().rotary().pairs() > 0;
    if (chosen == null || turns == chosen.pairs() > 0) {
      return null;
    }
    return turns
        ? "it takes away the rotation that the weights rely on"
        : "it sets rotary frequencies, and this model has no rotary positions";
  }

  private static @Nullable String changesBias(Layer layer) {
    ScoreBias chosen = layer.chosen().bias();
    if (chosen == null || chosen.equals(layer.trained().bias())) {
      return null;
    }
    return layer.trained().bias().equals(ScoreBias.NONE)
        ? "it adds a score bias that the weights do not know"
        : "it replaces the score bias that the weights rely on";
  }

  private static @Nullable String changesMap(Layer layer) {
    boolean changes = !layer.map().equals(layer.trained().map());
    return changes ? "it changes queries and keys in a way that the weights do not know" : null;
  }

  // An amplitude or a sharpness comes on top of it.
  private static @Nullable String changesLogScale(Layer layer) {
    ScoreScale chosen = layer.chosen().scale();
    ScoreScale trained = layer.trained().scale();
    RotaryTable rotary = layer.chosen().rotary();
    boolean replaces = chosen != null && !chosen.equals(trained);
    boolean amplifies =
        rotary != null
            && (rotary.amplitude() != layer.trained().rotary().amplitude()
                || rotary.sharpness() != layer.trained().rotary().sharpness());
    return trained instanceof ScoreScale.LogLength && (replaces || amplifies)
        ? "it changes the log-n scale that the weights rely on; where it has a key attention, set"
            + " attention=1"
        : null;
  }

  private static @Nullable String movesWhatIsNotThere(List<Layer> layers) {
    List<Layer> moved = layers.stream().filter(Compatibility::moves).toList();
    boolean inVain =
        moved.stream()
            .map(Layer::plan)
            .allMatch(
                plan ->
                    plan.rotary().pairs() == 0
                        && plan.bias().equals(ScoreBias.NONE)
                        // Keys of a selection are kept, but a branch may not see them.
                        && plan.withoutSelection().retention().keepsAll());
    if (moved.isEmpty() || !inVain) {
      return null;
    }
    return layers.stream().anyMatch(layer -> layer.trained().rotary().pairs() > 0)
        ? ONLY_LOCAL_LAYERS_ROTATE
        : "it moves positions, and this model has none";
  }

  private static boolean moves(Layer layer) {
    List<Branch> branches = layer.chosen().branches();
    return branches != null && !branches.stream().allMatch(Compatibility::keepsPositions);
  }

  private static @Nullable String movesPositions(Layer layer) {
    List<Branch> branches = layer.chosen().branches();
    if (branches == null || !moves(layer)) {
      return null;
    }
    return switch (layer.map()) {
      case QueryKeyMap.Collinear(boolean slack) ->
          slack
              ? "it moves positions, and scores of the slack variant depend on where both tokens"
                  + " stand, not on their distance alone"
              : null;
      case QueryKeyMap.Decay _ ->
          branches.stream().anyMatch(branch -> branch.key() instanceof PositionMap.Chunked)
              ? "positions begin anew in every chunk, and a decay needs positions that grow with"
                  + " the text"
              : null;
      case QueryKeyMap.Normalize _, QueryKeyMap.Cosine _ -> null;
    };
  }

  private static boolean keepsPositions(Branch branch) {
    return branch.query().equals(PositionMap.IDENTITY) && branch.key().equals(PositionMap.IDENTITY);
  }
}

package dev.lengthwise.method;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.method.syntax.Checks;
import dev.lengthwise.method.syntax.MethodArguments;
import dev.lengthwise.method.syntax.MethodParameter;
import dev.lengthwise.method.syntax.MethodType;
import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.Branch;
import dev.lengthwise.position.KeySelection;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanParts;
import dev.lengthwise.position.PositionMap;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.Region;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// LM-Infinite: a Λ-shaped mask and a ceiling on distances.
///
///     i − j < local               φ(i) = i,        ψ(j) = j
///     j < global, i − j ≥ local   φ(i) = ceiling,  ψ(j) = 0
///
/// Without a ceiling the first keys stand at their true positions: the paper's ablation that keeps
/// only the mask. (The other one, a ceiling without the mask, is [Rerope] with that window.)
///
/// On a model with a linear bias the second rule limits the bias as well, because biases are
/// functions of `φ(i) − ψ(j)`.
///
/// With `top-k` the last query of each step (every token in decoding, the last one of a prompt)
/// also sees, in the higher layers, the keys `global ≤ j ≤ i − local` whose scores are greatest,
/// head by head, with `φ(i) = middle` and `ψ(j) = 0`: what lies in the middle of a text can be read
/// again. Every key must then be kept, so memory grows with the text.
///
/// Source: Han et al. 2024, "LM-Infinite".
///
/// @param local keys that a query sees before itself, itself included
/// @param global first keys of the text that every query sees
/// @param ceiling distance at which the first keys appear to stand; empty for their true distances
/// @param middle what the last query of a step sees of the keys between
public record LmInfinite(long local, long global, OptionalLong ceiling, Optional<MiddleKeys> middle)
    implements PositionMethod {

  /// The best keys between the first and the last ones.
  ///
  /// @param count the most keys of a head
  /// @param fromLayer the first layer, counted from 0, that sees some
  /// @param distance at which they appear to stand
  public record MiddleKeys(long count, long fromLayer, long distance) {

    /// Checks the numbers.
    public MiddleKeys {
      Checks.tokens("lm-infinite", "top-k", count, 1);
      Checks.tokens("lm-infinite", "from-layer", fromLayer, 0);
      Checks.tokens("lm-infinite", "middle", distance, 0);
    }
  }

  private static final long PUBLISHED_FIRST_LAYER = 4;
  private static final long NOT_GIVEN = Long.MIN_VALUE;

  private static final long PUBLISHED_GLOBAL = 10;

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "lm-infinite",
          "A Λ-shaped mask (the first tokens and the last ones) and a ceiling on distances.",
          "Han et al. 2024, LM-Infinite, arXiv 2308.16137",
          "Any length at constant memory, the plain model inside local; remembers only the first"
              + " tokens and the local window. With top-k every key is kept, and the last token of"
              + " each step finds those in the middle again.",
          List.of(
              MethodParameter.tokens("local", "the trained length", "last keys that a query sees"),
              MethodParameter.tokens(
                  "global", "10", "first keys that every query sees; 0 for none"),
              MethodParameter.tokensOrNone(
                  "ceiling",
                  "local",
                  "distance at which the first keys appear to stand; none for the true one"),
              MethodParameter.tokens(
                  "top-k",
                  "0",
                  "keys of the middle that the last token of a step sees, head by head; keeps every"
                      + " key"),
              MethodParameter.tokens(
                  "from-layer",
                  "4, or the last layer of smaller models",
                  "first layer, from 0, that sees keys of the middle"),
              MethodParameter.tokens(
                  "middle", "local / 2", "distance at which keys of the middle appear to stand")),
          (parameters, shape, declared) -> {
            long local = parameters.tokens("local", shape.trainedLength());
            return new LmInfinite(
                local,
                parameters.tokens("global", PUBLISHED_GLOBAL),
                parameters.tokensOrNone("ceiling", local),
                middleKeys(parameters, local, shape.layers()));
          });

  private static Optional<MiddleKeys> middleKeys(
      MethodArguments parameters, long local, int layers) {
    long count = parameters.tokens("top-k", 0);
    long fromLayer = parameters.tokens("from-layer", NOT_GIVEN);
    long distance = parameters.tokens("middle", NOT_GIVEN);
    if (count != 0) {
      MiddleKeys keys =
          new MiddleKeys(
              count,
              fromLayer == NOT_GIVEN ? Math.min(PUBLISHED_FIRST_LAYER, layers - 1) : fromLayer,
              distance == NOT_GIVEN ? local / 2 : distance);
      if (keys.fromLayer >= layers) {
        throw new LengthwiseException(
            ("lm-infinite: from-layer must be one of the model's %d layers, counted from 0, or no"
                    + " layer sees keys of the middle; found %d")
                .formatted(layers, keys.fromLayer));
      }
      return Optional.of(keys);
    }
    if (fromLayer != NOT_GIVEN || distance != NOT_GIVEN) {
      throw new LengthwiseException(
          "lm-infinite: from-layer and middle need top-k, the number of keys, for instance"
              + " top-k=5");
    }
    return Optional.empty();
  }

  /// Checks the parameters.
  public LmInfinite {
    Checks.tokens("lm-infinite", "local", local, 1);
    Checks.tokens("lm-infinite", "global", global, 0);
    ceiling.ifPresent(value -> Checks.tokens("lm-infinite", "ceiling", value, 1));
  }

  @Override
  public MethodValue value() {
    MethodTerm term = new MethodTerm("lm-infinite").with("local", local).with("global", global);
    MethodTerm masked =
        ceiling.isPresent()
            ? term.with("ceiling", ceiling.getAsLong())
            : term.with("ceiling", MethodArguments.NONE);
    return MethodValue.of(
        middle
            .map(
                keys ->
                    masked
                        .with("top-k", keys.count())
                        .with("from-layer", keys.fromLayer())
                        .with("middle", keys.distance()))
            .orElse(masked));
  }

  @Override
  public boolean dependsOnSteps() {
    return middle.isPresent();
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    PlanParts parts = masked();
    return middle
        .filter(keys -> layer >= keys.fromLayer())
        .map(keys -> parts.with(selection(keys)))
        .orElse(parts);
  }

  private KeySelection selection(MiddleKeys keys) {
    Region between = new Region(Bounds.atLeast(local), Bounds.atLeast(global), 1, Bounds.ALL);
    return new KeySelection(
        keys.count(),
        new Branch(
            between, new PositionMap.Fixed((double) keys.distance()), new PositionMap.Fixed(0)));
  }

  private PlanParts masked() {
    Branch near = Branch.identity(Region.within(Bounds.below(local)));
    if (global == 0) {
      return PlanParts.of(near);
    }
    Branch first =
        new Branch(
            Region.firstKeys(global, local),
            ceiling.isPresent()
                ? new PositionMap.Fixed((double) ceiling.getAsLong())
                : PositionMap.IDENTITY,
            ceiling.isPresent() ? new PositionMap.Fixed(0) : PositionMap.IDENTITY);
    return PlanParts.of(near, first);
  }

  /// `local` and, where the first keys are at their true distances, as many more.
  ///
  /// A ceiling that continues the window puts the first key at its true distance for one token.
  @Override
  public long identityLength(ModelShape shape) {
    if (ceiling.isEmpty()) {
      return local + global;
    }
    return global > 0 && ceiling.getAsLong() == local ? local + 1 : local;
  }
}

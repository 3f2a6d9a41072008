package dev.lengthwise.method;

import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.Branch;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanParts;
import dev.lengthwise.position.PositionMap;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.Region;
import java.util.List;
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
/// Source: Han et al. 2024, "LM-Infinite".
///
/// @param local keys that a query sees before itself, itself included
/// @param global first keys of the text that every query sees
/// @param ceiling distance at which the first keys appear to stand; empty for their true distances
public record LmInfinite(long local, long global, OptionalLong ceiling) implements PositionMethod {

  private static final long PUBLISHED_GLOBAL = 10;

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "lm-infinite",
          "A Λ-shaped mask (the first tokens and the last ones) and a ceiling on distances.",
          "Han et al. 2024, LM-Infinite, arXiv 2308.16137",
          "Any length at constant memory, the plain model inside local; remembers only the first"
              + " tokens and the local window.",
          List.of(
              MethodParameter.tokens("local", "the trained length", "last keys that a query sees"),
              MethodParameter.tokens(
                  "global", "10", "first keys that every query sees; 0 for none"),
              MethodParameter.tokensOrNone(
                  "ceiling",
                  "local",
                  "distance at which the first keys appear to stand; none for the true one")),
          (parameters, shape, declared) -> {
            long local = parameters.tokens("local", shape.trainedLength());
            return new LmInfinite(
                local,
                parameters.tokens("global", PUBLISHED_GLOBAL),
                parameters.tokensOrNone("ceiling", local));
          });

  /// Checks the parameters.
  public LmInfinite {
    Checks.tokens("lm-infinite", "local", local, 1);
    Checks.tokens("lm-infinite", "global", global, 0);
    ceiling.ifPresent(value -> Checks.tokens("lm-infinite", "ceiling", value, 1));
  }

  /// The method with a ceiling.
  public LmInfinite(long local, long global, long ceiling) {
    this(local, global, OptionalLong.of(ceiling));
  }

  @Override
  public String name() {
    return MethodText.of("lm-infinite")
        .with("local", local)
        .with("global", global)
        .with("ceiling", ceiling.isPresent() ? Long.toString(ceiling.getAsLong()) : Parameters.NONE)
        .toString();
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
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

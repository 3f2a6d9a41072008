package dev.lengthwise.method;

import dev.lengthwise.method.syntax.Checks;
import dev.lengthwise.method.syntax.MethodParameter;
import dev.lengthwise.method.syntax.MethodType;
import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.Branch;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanParts;
import dev.lengthwise.position.PositionMap;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.Region;
import java.util.List;

/// StreamingLLM: attention sinks and a window, with positions counted in cache slots.
///
///     i − j < window              φ(i) = i,                            ψ(j) = j
///     j < sinks, i − j ≥ window   φ(i) = min(i, sinks + window − 1),   ψ(j) = j
///
/// Relative positions are those of slots in a cache of `sinks + window` keys.
///
/// Source: Xiao et al. 2024, "Efficient Streaming Language Models with Attention Sinks".
///
/// @param sinks first keys that stay for ever
/// @param window last keys that a query sees, itself included
public record StreamingLlm(long sinks, long window) implements PositionMethod {

  private static final long PUBLISHED_SINKS = 4;

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "streaming-llm",
          "Keeps the first tokens as attention sinks beside a window of the last ones.",
          "Xiao et al. 2024, Attention Sinks, arXiv 2309.17453",
          "Any length at constant memory, the plain model inside sinks + window; remembers only the"
              + " sinks and the window.",
          List.of(
              MethodParameter.tokens("sinks", "4", "first keys that every query sees"),
              MethodParameter.tokens(
                  "window", "the trained length − sinks", "last keys that a query sees")),
          (parameters, shape, declared) -> {
            long length = shape.trainedLength();
            long sinks = parameters.tokens("sinks", Math.min(PUBLISHED_SINKS, length - 1));
            return new StreamingLlm(
                sinks, parameters.tokens("window", Math.max(1, length - Math.max(0, sinks))));
          });

  /// Checks the parameters.
  public StreamingLlm {
    Checks.tokens("streaming-llm", "sinks", sinks, 0);
    Checks.tokens("streaming-llm", "window", window, 1);
  }

  @Override
  public MethodValue value() {
    return MethodValue.of(
        new MethodTerm("streaming-llm").with("sinks", sinks).with("window", window));
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    Branch near = Branch.identity(Region.within(Bounds.below(window)));
    if (sinks == 0) {
      return PlanParts.of(near);
    }
    Branch first =
        new Branch(
            Region.firstKeys(sinks, window),
            new PositionMap.Capped((double) (sinks + window - 1)),
            PositionMap.IDENTITY);
    return PlanParts.of(near, first);
  }

  @Override
  public long identityLength(ModelShape shape) {
    return sinks + window;
  }
}

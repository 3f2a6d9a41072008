package dev.lengthwise.method;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.method.syntax.Checks;
import dev.lengthwise.method.syntax.MethodArguments;
import dev.lengthwise.method.syntax.MethodParameter;
import dev.lengthwise.method.syntax.MethodType;
import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanParts;
import dev.lengthwise.position.PositionMethod;
import java.util.List;

/// LongRoPE: one searched divisor for each pair, from two lists that the checkpoint brings.
///
///     θ'_m = θ_m / short_m  for S ≤ original,   θ_m / long_m  otherwise;   amplitude = attention
///
/// The attention factor holds for short texts too, as in Hugging Face's code.
///
/// Source: Ding et al. 2024, "LongRoPE"; Hugging Face's type `longrope`.
///
/// @param shortFactors divisors within the original length, one for each pair
/// @param longFactors divisors beyond it
/// @param original tokens up to which the short divisors hold
/// @param attention amplitude of what turns, as a checkpoint says or its lengths imply
public record LongRope(
    List<Double> shortFactors, List<Double> longFactors, long original, double attention)
    implements PositionMethod {

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "longrope",
          "One searched divisor for each rotary pair: a short list inside the original length and a"
              + " long one beyond it.",
          "Ding et al. 2024, LongRoPE, arXiv 2402.13753",
          "Reaches the length that the checkpoint was fine-tuned for; remembers everything. Needs a"
              + " checkpoint that declares its factors.",
          List.of(
              MethodParameter.tokens(
                  "original", "as the checkpoint says", "tokens up to which short factors hold"),
              MethodParameter.number(
                  "attention",
                  "as the checkpoint says",
                  "factor on turned channels of queries and keys"),
              MethodParameter.numbers(
                  "short", "as the checkpoint says", "divisors within the original length"),
              MethodParameter.numbers(
                  "long", "as the checkpoint says", "divisors beyond the original length")),
          (parameters, shape, declared) -> {
            Checks.rotary("longrope", shape);
            LongRope lists = lists(parameters, shape, declared);
            return new LongRope(
                lists.shortFactors,
                lists.longFactors,
                parameters.tokens("original", lists.original),
                parameters.number("attention", lists.attention));
          });

  /// Copies and checks the lists.
  public LongRope {
    shortFactors = List.copyOf(shortFactors);
    longFactors = List.copyOf(longFactors);
    if (shortFactors.isEmpty() || shortFactors.size() != longFactors.size()) {
      throw new LengthwiseException(
          "longrope: the short and the long factors must be two lists of equal length, found %d and %d"
              .formatted(shortFactors.size(), longFactors.size()));
    }
    shortFactors.forEach(factor -> Checks.positive("longrope", "a short factor", factor));
    longFactors.forEach(factor -> Checks.positive("longrope", "a long factor", factor));
    Checks.tokens("longrope", "original", original, 1);
    Checks.positive("longrope", "attention", attention);
  }

  // A checkpoint declares its lists; the command line leaves them to the checkpoint.
  private static LongRope lists(
      MethodArguments parameters, ModelShape shape, PositionMethod declared) {
    List<Double> shorts = parameters.numbers("short");
    List<Double> longs = parameters.numbers("long");
    return shorts.isEmpty() && longs.isEmpty()
        ? declaredLists(declared)
        : new LongRope(shorts, longs, shape.trainedLength(), 1);
  }

  private static LongRope declaredLists(PositionMethod declared) {
    return LearnedWeights.partsOf(declared)
        .filter(LongRope.class::isInstance)
        .map(LongRope.class::cast)
        .findFirst()
        .orElseThrow(
            () ->
                new LengthwiseException(
                    "longrope needs the factor lists of a checkpoint that declares longrope, and this one declares %s; choose yarn or ntk-by-parts instead"
                        .formatted(declared.name())));
  }

  @Override
  public MethodValue value() {
    return MethodValue.of(
        new MethodTerm("longrope")
            .with("original", original)
            .with("attention", attention)
            .with("short", shortFactors)
            .with("long", longFactors));
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    List<Double> factors = currentLength > original ? longFactors : shortFactors;
    if (factors.size() != shape.rotarySize() / 2) {
      throw new LengthwiseException(
          "longrope: expected one factor for each of the %d rotary pairs of the model, found %d"
              .formatted(shape.rotarySize() / 2, factors.size()));
    }
    return PlanParts.of(Frequencies.divided(shape, factors::get).withAmplitude(attention));
  }

  @Override
  public boolean dependsOnLength() {
    return !shortFactors.equals(longFactors);
  }

  @Override
  public long identityLength(ModelShape shape) {
    if (!Frequencies.changesNothing(this, shape, original)) {
      return 0;
    }
    return Frequencies.changesNothing(this, shape, original + 1) ? Bounds.UNBOUNDED : original;
  }
}

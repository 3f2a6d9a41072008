package dev.lengthwise.family;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.TensorEntry;
import dev.lengthwise.position.MethodTerm;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The rotary positions that a GGUF file declares, in its keys and in tensors of frequency factors.
final class GgufPositions {

  private static final String FREQUENCIES = "rope_freqs.weight";
  private static final String LONG_FACTORS = "rope_factors_long.weight";
  private static final String SHORT_FACTORS = "rope_factors_short.weight";
  private static final double DEFAULT_BASE = 10_000;
  private static final double TEMPERATURE_SLOPE = 0.1;

  private final Checkpoint checkpoint;
  private final Settings header;
  private final String architecture;

  private GgufPositions(Checkpoint checkpoint, Settings header) {
    this.checkpoint = checkpoint;
    this.header = header;
    this.architecture = Container.GGUF.typeOf(checkpoint);
  }

  /// Reads a header.
  ///
  /// @throws dev.lengthwise.LengthwiseException for an unknown type, a missing key or an odd value
  static RopeDeclaration of(Header header, int headSize) {
    GgufPositions reader = new GgufPositions(header.checkpoint(), header.settings());
    int rotarySize = header.sizeOr(Field.ROTARY_SIZE, headSize);
    Scaling scaling = reader.scaling(header.tokens(Field.LENGTH), rotarySize);
    return new RopeDeclaration(
        header.number(Field.ROTARY_BASE, DEFAULT_BASE),
        rotarySize,
        scaling.trainedLength,
        scaling.method);
  }

  private String key(String part) {
    return architecture + "." + part;
  }

  private record Scaling(MethodTerm method, long trainedLength) {}

  private Scaling scaling(long context, int rotarySize) {
    long original = header.tokens(key("rope.scaling.original_context_length"), context);
    String typeKey = key("rope.scaling.type");
    // The oldest files have a factor only, and mean linear scaling.
    String oldest = key("rope.scale_linear");
    Optional<String> type = header.text(typeKey);
    if (checkpoint.tensors().containsKey(FREQUENCIES)) {
      if (!type.orElse("none").equals("none")) {
        throw header.bad(typeKey, "none, because " + FREQUENCIES + " scales the frequencies");
      }
      List<Double> factors = factors(FREQUENCIES, rotarySize);
      return new Scaling(RopeDeclaration.longRope(factors, factors, original, 1), original);
    }
    if (type.isEmpty() && header.number(oldest, 1) != 1) {
      return new Scaling(new MethodTerm("linear").with("factor", header.number(oldest)), context);
    }
    // Older files of Phi-3 have the tensors of LongRoPE and no type; llama.cpp goes by the tensors.
    boolean divided = checkpoint.tensors().containsKey(LONG_FACTORS);
    return switch (type.orElse(divided ? "longrope" : "none")) {
      case "none" -> new Scaling(new MethodTerm("rope"), context);
      case "linear" ->
          new Scaling(
              new MethodTerm("linear").with("factor", header.number(key("rope.scaling.factor"))),
              context);
      case "yarn" -> new Scaling(yarn(original), original);
      case "longrope" -> new Scaling(longRope(context, original, rotarySize), original);
      default -> throw header.bad(typeKey, "one of none, linear, yarn, longrope");
    };
  }

  private MethodTerm yarn(long original) {
    double factor = header.number(key("rope.scaling.factor"));
    MethodTerm method =
        new MethodTerm("yarn")
            .with("factor", factor)
            .with("original", original)
            .withOptional("low", header.optionalNumber(key("rope.scaling.yarn_beta_slow")))
            .withOptional("high", header.optionalNumber(key("rope.scaling.yarn_beta_fast")));
    double attention = header.number(attentionKey(), 1);
    return attention == 1
        ? method
        : method.with("attention", attention * (1 + TEMPERATURE_SLOPE * Math.log(factor)));
  }

  // llama.cpp knows two names for what multiplies the temperature.
  private String attentionKey() {
    String newer = key("rope.scaling.yarn_attn_factor");
    return header.has(newer) ? newer : key("rope.scaling.attn_factor");
  }

  private MethodTerm longRope(long context, long original, int rotarySize) {
    double computed = RopeDeclaration.longRopeAttention((double) context / original, original);
    return RopeDeclaration.longRope(
        factors(SHORT_FACTORS, rotarySize),
        factors(LONG_FACTORS, rotarySize),
        original,
        header.number(key("rope.scaling.attn_factor"), computed));
  }

  // One divisor for each rotary pair.
  private List<Double> factors(String name, int rotarySize) {
    TensorEntry entry = checkpoint.tensor(name);
    if (entry.elements() != rotarySize / 2) {
      throw new LengthwiseException(
          "Tensor \"%s\" of %s must hold one factor for each of the %d rotary pairs, found %d."
              .formatted(name, checkpoint.path(), rotarySize / 2, entry.elements()));
    }
    List<Double> factors = new ArrayList<>();
    for (float factor : entry.toFloats()) {
      if (!(factor > 0 && factor < Float.POSITIVE_INFINITY)) {
        throw new LengthwiseException(
            "Tensor \"%s\" of %s holds the factor %s; factors must be positive and finite."
                .formatted(name, checkpoint.path(), factor));
      }
      factors.add((double) factor);
    }
    return factors;
  }
}

package dev.lengthwise.family;

import dev.lengthwise.position.MethodTerm;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// The rotary positions that a checkpoint declares.
///
/// @param base base of the frequencies before any scaling
/// @param rotarySize channels of a head that turn; 0 for none
/// @param trainedLength tokens that the positions were trained for
/// @param method the position method
record RopeDeclaration(double base, int rotarySize, long trainedLength, MethodTerm method) {

  private static final double DEFAULT_BASE = 10_000;
  private static final String BASE = "rope_theta";
  private static final String SHARE = "partial_rotary_factor";
  private static final String ORIGINAL = "original_max_position_embeddings";
  private static final String KNOWN = "default, linear, dynamic, yarn, longrope, su, llama3";

  /// What is meant where a file of Hugging Face is silent.
  ///
  /// @param base base of the frequencies
  /// @param share share of the channels of a head that turn
  /// @param length longest text in training
  record Defaults(double base, double share, long length) {

    /// All channels turn, with the base 10,000.
    static Defaults length(long length) {
      return new Defaults(DEFAULT_BASE, 1, length);
    }
  }

  /// A model whose tokens do not turn.
  ///
  /// @param method the position method, `nope` or `alibi`
  static RopeDeclaration none(long trainedLength, MethodTerm method) {
    return new RopeDeclaration(DEFAULT_BASE, 0, trainedLength, method);
  }

  /// Reads a Hugging Face configuration in any of its three spellings: `rope_theta` with
  /// `rope_scaling.type`, the same with `rope_scaling.rope_type`, and `rope_parameters`, which
  /// holds everything.
  ///
  /// @throws dev.lengthwise.LengthwiseException for an unknown type, a missing key or an odd value
  static RopeDeclaration of(Header header, int headSize, Defaults defaults) {
    Optional<Settings> block = block(header.settings());
    return of(header, headSize, defaults, block);
  }

  /// The same with the block that holds the scaling.
  static RopeDeclaration of(
      Header header, int headSize, Defaults defaults, Optional<Settings> block) {
    double base =
        block
            .filter(inner -> inner.has(BASE))
            .map(inner -> inner.number(BASE))
            .orElseGet(() -> header.number(Field.ROTARY_BASE, defaults.base));
    long most = header.tokens(Field.LENGTH, defaults.length);
    Scaling scaling =
        block.map(found -> scaling(found, header.settings(), most)).orElse(Scaling.none(most));
    return new RopeDeclaration(
        base, rotarySize(header, headSize, defaults, block), scaling.trainedLength, scaling.method);
  }

  /// The same positions with another method.
  RopeDeclaration with(MethodTerm other) {
    return new RopeDeclaration(base, rotarySize, trainedLength, other);
  }

  private static int rotarySize(
      Header header, int headSize, Defaults defaults, Optional<Settings> block) {
    if (header.has(Field.ROTARY_SIZE)) {
      return header.size(Field.ROTARY_SIZE);
    }
    Optional<Settings> inner = block.filter(found -> found.has(SHARE));
    double share =
        inner
            .map(found -> found.number(SHARE))
            .orElseGet(() -> header.number(Field.ROTARY_SHARE, defaults.share));
    if (!(share > 0 && share <= 1)) {
      throw inner.isPresent()
          ? inner.get().bad(SHARE, "above 0 and at most 1")
          : header.bad(Field.ROTARY_SHARE, "above 0 and at most 1");
    }
    return (int) (headSize * share);
  }

  private record Scaling(MethodTerm method, long trainedLength) {
    static Scaling none(long trainedLength) {
      return new Scaling(new MethodTerm("rope"), trainedLength);
    }
  }

  /// The block of a configuration that holds the scaling, in either spelling.
  static Optional<Settings> block(Settings config) {
    Optional<Settings> parameters = config.block("rope_parameters");
    Optional<Settings> scaling = config.block("rope_scaling");
    if (parameters.isPresent()
        && scaling.isPresent()
        && !ofFullAttention(parameters.get()).values().equals(scaling.get().values())) {
      throw config.bad("rope_scaling", "absent or equal to rope_parameters");
    }
    return parameters.map(RopeDeclaration::ofFullAttention).or(() -> scaling);
  }

  // Of models with windows the newest spelling has a block for each type of layer.
  private static Settings ofFullAttention(Settings parameters) {
    return parameters.block("full_attention").orElse(parameters);
  }

  /// The base of layers with a window, where the header has one of their own.
  static OptionalDouble slidingBase(Settings config) {
    return config
        .block("rope_parameters")
        .flatMap(block -> block.block("sliding_attention"))
        .map(block -> block.optionalNumber(BASE))
        .orElse(OptionalDouble.empty());
  }

  private static Scaling scaling(Settings block, Settings config, long most) {
    String typeKey = block.has("rope_type") || !block.has("type") ? "rope_type" : "type";
    if (!block.has(typeKey)) {
      // The newest spelling without scaling is no more than a base, and an empty block is no
      // scaling; anything else is a mistake.
      if (!block.values().isEmpty() && (block.has("factor") || !block.has("rope_theta"))) {
        throw block.bad(typeKey, "one of " + KNOWN);
      }
      return Scaling.none(most);
    }
    return switch (block.text(typeKey).orElse("")) {
      case "default" -> Scaling.none(most);
      case "linear" ->
          new Scaling(new MethodTerm("linear").with("factor", block.number("factor")), most);
      case "dynamic" -> dynamic(block, most);
      case "yarn" -> yarn(block, most);
      case "longrope", "su" -> longRope(block, config, most);
      case "llama3" -> llama3(block);
      default -> throw block.bad(typeKey, "one of " + KNOWN);
    };
  }

  private static Scaling dynamic(Settings block, long most) {
    long original = block.tokens(ORIGINAL, most);
    return new Scaling(
        new MethodTerm("dynamic-ntk")
            .with("factor", block.number("factor"))
            .with("original", original),
        original);
  }

  private static Scaling yarn(Settings block, long most) {
    long original = block.tokens(ORIGINAL, most);
    MethodTerm method =
        new MethodTerm("yarn")
            .with("factor", block.number("factor"))
            .with("original", original)
            .withOptional("low", block.optionalNumber("beta_slow"))
            .withOptional("high", block.optionalNumber("beta_fast"))
            .withOptional("attention", block.optionalNumber("attention_factor"))
            .withOptional("mscale", block.optionalNumber("mscale"))
            .withOptional("mscale_all_dim", block.optionalNumber("mscale_all_dim"));
    return new Scaling(
        block.flag("truncate", true) ? method : method.with("truncate", false), original);
  }

  private static Scaling llama3(Settings block) {
    long original = block.tokens(ORIGINAL);
    return new Scaling(
        new MethodTerm("llama3")
            .with("factor", block.number("factor"))
            .with("low", block.number("low_freq_factor"))
            .with("high", block.number("high_freq_factor"))
            .with("original", original),
        original);
  }

  // A top-level original length, as Phi-3 has it, goes before that of the block.
  private static Scaling longRope(Settings block, Settings config, long most) {
    boolean top = config.has(ORIGINAL);
    long original = top ? config.tokens(ORIGINAL) : block.tokens(ORIGINAL, most);
    double factor = block.number("factor", (double) most / original);
    return new Scaling(
        longRope(
            block.numbers("short_factor"),
            block.numbers("long_factor"),
            original,
            block.number("attention_factor", longRopeAttention(factor, original))),
        original);
  }

  /// LongRoPE with these divisors.
  static MethodTerm longRope(
      List<Double> shortFactors, List<Double> longFactors, long original, double attention) {
    return new MethodTerm("longrope")
        .with("short", shortFactors)
        .with("long", longFactors)
        .with("original", original)
        .with("attention", attention);
  }

  /// `√(1 + ln(factor)/ln(original))`, and 1 for a factor of at most 1. Source: Ding et al. 2024,
  /// "LongRoPE".
  static double longRopeAttention(double factor, long original) {
    return factor <= 1 || original <= 1
        ? 1
        : Math.sqrt(1 + Math.log(factor) / Math.log((double) original));
  }
}

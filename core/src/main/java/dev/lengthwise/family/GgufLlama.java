package dev.lengthwise.family;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.TensorEntry;
import dev.lengthwise.model.DecoderWeights;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.MethodReader;
import dev.lengthwise.position.ModelShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Llama and Qwen2 as GGUF files.
///
/// Files of the architecture `llama` have interleaved rotary pairs, those of `qwen2` half-split
/// ones: llama.cpp's converter permutes the former only.
final class GgufLlama {

  private static final String LLAMA = "llama";
  private static final String FREQUENCIES = "rope_freqs.weight";
  private static final String LONG_FACTORS = "rope_factors_long.weight";
  private static final String SHORT_FACTORS = "rope_factors_short.weight";
  private static final double DEFAULT_BASE = 10_000;
  private static final double TEMPERATURE_SLOPE = 0.1;

  private final Checkpoint checkpoint;
  private final Settings header;
  private final String architecture;

  private GgufLlama(Checkpoint checkpoint, Settings header) {
    this.checkpoint = checkpoint;
    this.header = header;
    this.architecture = architecture(checkpoint);
  }

  static boolean matches(Checkpoint checkpoint) {
    return List.of(LLAMA, "qwen2").contains(architecture(checkpoint));
  }

  static ModelSpec spec(Checkpoint checkpoint, Settings header, MethodReader methods) {
    return new GgufLlama(checkpoint, header).spec(methods);
  }

  static DecoderWeights weights(Checkpoint checkpoint, ModelSpec spec, WeightReader tensors) {
    for (String known : List.of(FREQUENCIES, LONG_FACTORS, SHORT_FACTORS)) {
      tensors.ignore(known.replace(".", "\\."));
    }
    LlamaWeights.Layout layout =
        new LlamaWeights.Layout(
            !tensors.has("output.weight"),
            tensors.has("blk.0.attn_q.bias"),
            tensors.has("blk.0.attn_output.bias"),
            tensors.has("blk.0.ffn_gate.bias"),
            architecture(checkpoint).equals(LLAMA));
    return new LlamaWeights(tensors, TensorNames.GGUF, spec, layout).read();
  }

  private static String architecture(Checkpoint checkpoint) {
    return checkpoint.header().path("general.architecture").asText();
  }

  private String key(String part) {
    return architecture + "." + part;
  }

  private ModelSpec spec(MethodReader methods) {
    if (header.number(key("expert_count"), 0) > 0) {
      throw header.bad(key("expert_count"), "0: mixtures of experts are not supported");
    }
    int hidden = header.size(key("embedding_length"));
    int heads = header.size(key("attention.head_count"));
    int headSize = header.sizeOr(key("attention.key_length"), Math.max(1, hidden / heads));
    int rotarySize = header.sizeOr(key("rope.dimension_count"), headSize);
    long context = header.tokens(key("context_length"));
    Scaling scaling = scaling(context, rotarySize);
    ModelShape shape =
        header.shape(
            () ->
                new ModelShape(
                    header.sizeUpTo(key("block_count"), Settings.MOST_LAYERS),
                    heads,
                    header.sizeOr(key("attention.head_count_kv"), heads),
                    headSize,
                    rotarySize,
                    header.number(key("rope.freq_base"), DEFAULT_BASE),
                    scaling.trainedLength));
    requireValueSize(headSize);
    return new ModelSpec(
        LLAMA,
        vocabularySize(),
        hidden,
        header.size(key("feed_forward_length")),
        header.number(key("attention.layer_norm_rms_epsilon")),
        shape,
        DeclaredMethod.of(header, scaling.method.toString(), window(), shape, methods));
  }

  private void requireValueSize(int headSize) {
    String key = key("attention.value_length");
    if (header.has(key) && header.size(key) != headSize) {
      throw header.bad(key, "equal to the size of a key head, " + headSize);
    }
  }

  private int vocabularySize() {
    long[] shape = checkpoint.tensor("token_embd.weight").shape();
    int rows = Math.toIntExact(Math.min(shape.length == 0 ? 0 : shape[0], Integer.MAX_VALUE));
    return header.sizeOr(key("vocab_size"), rows);
  }

  private Optional<String> window() {
    String key = key("attention.sliding_window");
    return header.number(key, 0) > 0
        ? Optional.of(new MethodTerm("window").with("window", header.tokens(key)).toString())
        : Optional.empty();
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
    return switch (type.orElse("none")) {
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
            .withOptional("low", header, key("rope.scaling.yarn_beta_slow"))
            .withOptional("high", header, key("rope.scaling.yarn_beta_fast"));
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

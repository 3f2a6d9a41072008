package dev.lengthwise.family;

import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.model.DecoderWeights;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.MethodReader;
import dev.lengthwise.position.ModelShape;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// Llama and the models of its shape: Qwen2 (with a bias on query, key and value projections) and
/// Mistral (with or without a sliding window), as Hugging Face, GGUF and llama2.c files.
public final class LlamaFamily implements Family {

  private static final String QWEN2 = "qwen2";
  private static final String MISTRAL = "mistral";

  private static final Set<String> MODEL_TYPES =
      Set.of("llama", QWEN2, MISTRAL, LengthwiseFamily.TYPE);
  private static final double DEFAULT_EPSILON = 1e-6;
  private static final long DEFAULT_WINDOW = 4096;

  /// What llama2.c computes with; its files do not say.
  private static final double LLAMA2C_EPSILON = 1e-5;

  private static final double LLAMA2C_BASE = 10_000;

  @Override
  public String name() {
    return "llama";
  }

  @Override
  public boolean matches(Checkpoint checkpoint) {
    return switch (checkpoint.format()) {
      case "llama2.c" -> true;
      case "gguf" -> GgufLlama.matches(checkpoint);
      default ->
          MODEL_TYPES.contains(checkpoint.header().path("model_type").asText())
              && !checkpoint.header().has(LengthwiseFamily.ARCHITECTURE);
    };
  }

  @Override
  public ModelSpec spec(Checkpoint checkpoint, MethodReader methods) {
    Settings settings = Settings.of(checkpoint);
    return switch (checkpoint.format()) {
      case "llama2.c" -> llama2c(settings, methods);
      case "gguf" -> GgufLlama.spec(checkpoint, settings, methods);
      default -> huggingFace(settings, methods);
    };
  }

  @Override
  public DecoderWeights weights(Checkpoint checkpoint, ModelSpec spec, WeightReader tensors) {
    Settings settings = Settings.of(checkpoint);
    return switch (checkpoint.format()) {
      case "llama2.c" -> llama2cWeights(settings, spec, tensors);
      case "gguf" -> GgufLlama.weights(checkpoint, spec, tensors);
      default -> huggingFaceWeights(settings, spec, tensors);
    };
  }

  private ModelSpec huggingFace(Settings config, MethodReader methods) {
    config.requireText("hidden_act", "silu");
    String type = config.text("model_type").orElse("");
    int hidden = config.size("hidden_size");
    int heads = config.size("num_attention_heads");
    int headSize = config.sizeOr("head_dim", Math.max(1, hidden / heads));
    RopeDeclaration rope = RopeDeclaration.of(config, defaultLength(type));
    ModelShape shape = rope.shape(config, heads, headSize);
    return new ModelSpec(
        name(),
        config.size("vocab_size"),
        hidden,
        config.size("intermediate_size"),
        config.number("rms_norm_eps", DEFAULT_EPSILON),
        shape,
        DeclaredMethod.of(config, rope.method(), window(config, shape), shape, methods));
  }

  // What Hugging Face assumes where a configuration does not say.
  private static long defaultLength(String type) {
    return switch (type) {
      case QWEN2 -> 32_768;
      case MISTRAL -> 131_072;
      default -> 2_048;
    };
  }

  private static Optional<String> window(Settings config, ModelShape shape) {
    OptionalLong tokens = windowTokens(config, shape);
    return tokens.isPresent()
        ? Optional.of(new MethodTerm("window").with("window", tokens.getAsLong()).toString())
        : Optional.empty();
  }

  /// The attention window that a Hugging Face configuration declares, or implies by its model type.
  static OptionalLong windowTokens(Settings config, ModelShape shape) {
    return switch (config.text("model_type").orElse("")) {
      case MISTRAL -> {
        boolean absent = !config.values().has("sliding_window");
        yield absent || config.has("sliding_window")
            ? OptionalLong.of(config.tokens("sliding_window", DEFAULT_WINDOW))
            : OptionalLong.empty();
      }
      case QWEN2 -> qwenWindow(config, shape);
      default -> OptionalLong.empty();
    };
  }

  // Qwen2 slides only in the layers from max_window_layers on, and only where it is switched on.
  private static OptionalLong qwenWindow(Settings config, ModelShape shape) {
    if (!config.flag("use_sliding_window", false)) {
      return OptionalLong.empty();
    }
    double plainLayers = config.number("max_window_layers", shape.layers());
    if (plainLayers >= shape.layers()) {
      return OptionalLong.empty();
    }
    if (plainLayers > 0) {
      throw config.bad("max_window_layers", "0 or at least the number of layers");
    }
    return OptionalLong.of(config.tokens("sliding_window", DEFAULT_WINDOW));
  }

  private static DecoderWeights huggingFaceWeights(
      Settings config, ModelSpec spec, WeightReader tensors) {
    boolean tied = config.flag("tie_word_embeddings", false);
    boolean qwen = config.text("model_type").orElse("").equals(QWEN2);
    boolean bias = config.flag("attention_bias", false);
    tensors.ignore(".*\\.rotary_emb\\.inv_freq");
    if (tied) {
      tensors.ignore("lm_head\\.weight");
    }
    return new LlamaWeights(
            tensors,
            TensorNames.HUGGING_FACE,
            spec,
            new LlamaWeights.Layout(
                tied, bias || qwen, bias && !qwen, config.flag("mlp_bias", false), false))
        .read();
  }

  private ModelSpec llama2c(Settings header, MethodReader methods) {
    int hidden = header.size("dim");
    int heads = header.size("n_heads");
    int headSize = Math.max(1, hidden / heads);
    ModelShape shape =
        header.shape(
            () ->
                new ModelShape(
                    header.sizeUpTo("n_layers", Settings.MOST_LAYERS),
                    heads,
                    header.size("n_kv_heads"),
                    headSize,
                    headSize,
                    LLAMA2C_BASE,
                    header.tokens("max_seq_len")));
    return new ModelSpec(
        name(),
        header.size("vocab_size"),
        hidden,
        header.size("hidden_dim"),
        LLAMA2C_EPSILON,
        shape,
        methods.read("rope", shape));
  }

  private static DecoderWeights llama2cWeights(
      Settings header, ModelSpec spec, WeightReader tensors) {
    boolean tied = header.flag("shared_classifier", true);
    return new LlamaWeights(
            tensors,
            TensorNames.HUGGING_FACE,
            spec,
            new LlamaWeights.Layout(tied, false, false, false, true))
        .read();
  }
}

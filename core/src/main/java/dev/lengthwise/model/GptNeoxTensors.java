package dev.lengthwise.model;

import dev.lengthwise.model.Architecture.Block;
import dev.lengthwise.model.Architecture.FeedForward;
import dev.lengthwise.model.Architecture.Norm;
import dev.lengthwise.position.ModelShape;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// The tensors of a decoder as Hugging Face's `GPTNeoXForCausalLM` names and joins them, and back.
///
/// Queries, keys and values are one projection there, `query_key_value`, whose rows are `[heads, 3,
/// headSize]`: those of a head stand together.
public final class GptNeoxTensors {

  private static final String OWN_LAYERS = "model.layers.";
  private static final String LAYERS = "gpt_neox.layers.";
  private static final String FUSED = "attention.query_key_value";
  private static final List<String> PARTS =
      List.of(MultiHeadAttention.QUERY, MultiHeadAttention.KEY, MultiHeadAttention.VALUE);

  /// Modules outside of layers, by our names.
  private static final Map<String, String> OUTSIDE =
      Map.of(
          "model.embed_tokens",
          "gpt_neox.embed_in",
          DecoderTensors.LAST_NORM,
          "gpt_neox.final_layer_norm",
          "lm_head",
          "embed_out");

  /// Modules of a layer that have another name there.
  private static final Map<String, String> INSIDE =
      Map.of(
          MultiHeadAttention.OUTPUT, "attention.dense",
          DecoderTensors.UP, "mlp.dense_h_to_4h",
          DecoderTensors.DOWN, "mlp.dense_4h_to_h");

  private GptNeoxTensors() {}

  /// Where tensors of a checkpoint come from.
  @FunctionalInterface
  public interface Source {

    /// The tensor of this name, which must have this shape.
    Tensor tensor(String name, long... shape);
  }

  /// Whether a model has the layers and sizes of a GPT-NeoX, so that its tensors can be written
  /// under these names.
  public static boolean fit(ModelSpec spec) {
    Architecture architecture = spec.architecture();
    ModelShape shape = spec.shape();
    return !architecture.seesBothWays()
        && architecture.norm() == Norm.LAYER_NORM
        && architecture.feedForward() == FeedForward.GELU_WITH_BIAS
        && hasTwoNormsBefore(architecture)
        && (hasAttentionBias(architecture)
            || (!architecture.queryKeyBias() && consistsOf(architecture, Block.ATTENTION)))
        && shape.heads() == shape.keyValueHeads()
        && shape.heads() * shape.headSize() == spec.hiddenSize();
  }

  private static boolean hasTwoNormsBefore(Architecture architecture) {
    return switch (architecture.placement()) {
      case PRE, PARALLEL_TWO_NORMS -> true;
      case POST, PARALLEL -> false;
    };
  }

  /// Whether all projections of attention have biases: `attention_bias`.
  public static boolean hasAttentionBias(Architecture architecture) {
    return consistsOf(architecture, Block.ATTENTION_WITH_BIAS);
  }

  private static boolean consistsOf(Architecture architecture, Block only) {
    return architecture.blocks().stream().allMatch(block -> block == only);
  }

  /// The tensors of a model that [#fit]s, under the names of GPT-NeoX.
  ///
  /// @param own by the names of [DecoderTensors]
  public static Map<String, Tensor> joined(ModelSpec spec, Map<String, Tensor> own) {
    Map<String, Tensor> joined = new LinkedHashMap<>();
    own.forEach(
        (key, tensor) -> {
          Name name = Name.of(key);
          switch (PARTS.indexOf(name.module())) {
            case -1 -> joined.put(name.stock(), tensor);
            case 0 -> joined.put(name.stock(), fused(spec.shape(), name, own));
            default -> {} // in the fused one
          }
        });
    return joined;
  }

  /// The tensors of a GPT-NeoX under the names of [DecoderTensors].
  ///
  /// @param tied whether the embedding is the head as well
  public static Map<String, Tensor> separated(ModelSpec spec, boolean tied, Source source) {
    Map<String, Tensor> separated = new LinkedHashMap<>();
    Map<String, Tensor> fused = new HashMap<>();
    for (WeightTensor tensor : DecoderTensors.of(spec, tied)) {
      Name name = Name.of(tensor.name());
      int part = PARTS.indexOf(name.module());
      long[] shape = tensor.dimensions();
      if (part < 0) {
        separated.put(tensor.name(), source.tensor(name.stock(), shape));
      } else {
        long[] whole = shape.clone();
        whole[0] *= PARTS.size();
        separated.put(
            tensor.name(),
            fused
                .computeIfAbsent(name.stock(), stock -> source.tensor(stock, whole))
                .unflatten(0, spec.shape().heads(), PARTS.size(), spec.shape().headSize())
                .select(1, part)
                .flatten(0, 1)
                .contiguous());
      }
    }
    return separated;
  }

  // [3 · hidden, …], with the rows of a head together
  private static Tensor fused(ModelShape shape, Name name, Map<String, Tensor> own) {
    TensorVector parts = new TensorVector();
    for (String part : PARTS) {
      parts.push_back(
          Objects.requireNonNull(own.get(new Name(name.layer(), part, name.parameter()).own()))
              .unflatten(0, shape.heads(), shape.headSize()));
    }
    return torch.stack(parts, 1).flatten(0, 2);
  }

  /// The name of a tensor in its parts.
  ///
  /// @param layer `0.`, or nothing outside of layers
  /// @param module our name of its norm or projection
  /// @param parameter `weight` or `bias`
  private record Name(String layer, String module, String parameter) {

    static Name of(String own) {
      int last = own.lastIndexOf('.');
      int inner = own.startsWith(OWN_LAYERS) ? own.indexOf('.', OWN_LAYERS.length()) + 1 : 0;
      String layer = inner == 0 ? "" : own.substring(OWN_LAYERS.length(), inner);
      return new Name(layer, own.substring(inner, last), own.substring(last + 1));
    }

    String own() {
      return (layer.isEmpty() ? "" : OWN_LAYERS + layer) + module + "." + parameter;
    }

    String stock() {
      String renamed = PARTS.contains(module) ? FUSED : INSIDE.getOrDefault(module, module);
      return layer.isEmpty()
          ? OUTSIDE.getOrDefault(module, module) + "." + parameter
          : LAYERS + layer + renamed + "." + parameter;
    }
  }
}

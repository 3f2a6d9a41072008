package dev.lengthwise.family;

import dev.lengthwise.JsonFile;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.model.Architecture;
import dev.lengthwise.model.DecoderTensors;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.NamedWeights;
import dev.lengthwise.model.WeightTensor;
import dev.lengthwise.position.MethodReader;
import dev.lengthwise.position.ModelShape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// Models that were trained here and whose layers are not Llama's: `model_type` is `lengthwise`,
/// and a block `architecture` says what the layers are made of. All else is called as in a Llama's
/// `config.json`. They run in libtorch, in f32.
///
/// Models of this type without that block have Llama's layers and another position method; they are
/// read by [LlamaFamily].
public final class LengthwiseFamily implements Family {

  /// The `model_type` of models that no other program computes.
  static final String TYPE = "lengthwise";

  /// The block that says what the layers are made of.
  static final String ARCHITECTURE = "architecture";

  private static final double DEFAULT_EPSILON = 1e-6;

  @Override
  public String name() {
    return TYPE;
  }

  @Override
  public boolean matches(Checkpoint checkpoint) {
    return checkpoint.format().equals("safetensors")
        && checkpoint.header().path("model_type").asText().equals(TYPE)
        && checkpoint.header().has(ARCHITECTURE);
  }

  @Override
  public ModelSpec spec(Checkpoint checkpoint, MethodReader methods) {
    Settings config = Settings.of(checkpoint);
    Architecture architecture = architecture(config);
    int heads = config.size("num_attention_heads");
    int headSize = config.size("head_dim");
    RopeDeclaration rope = RopeDeclaration.of(config, 1);
    ModelShape shape = rope.shape(config, heads, headSize);
    try {
      return new ModelSpec(
          name(),
          config.size("vocab_size"),
          config.size("hidden_size"),
          config.size("intermediate_size"),
          config.number("rms_norm_eps", DEFAULT_EPSILON),
          shape,
          DeclaredMethod.of(config, rope.method(), Optional.empty(), shape, methods),
          architecture);
    } catch (IllegalArgumentException e) {
      throw new LengthwiseException(
          "%s does not describe a model: %s.".formatted(config.where(), e.getMessage()), e);
    }
  }

  private static Architecture architecture(Settings config) {
    Settings block =
        config.block(ARCHITECTURE).orElseThrow(() -> config.bad(ARCHITECTURE, "an object"));
    return JsonFile.convert(
        block.values(),
        Architecture.class,
        "Block \"%s\" of %s".formatted(ARCHITECTURE, config.where()));
  }

  @Override
  public NamedWeights weights(Checkpoint checkpoint, ModelSpec spec, WeightReader tensors) {
    tensors.requireLayers(spec.shape().layers());
    boolean tied = Settings.of(checkpoint).flag("tie_word_embeddings", false);
    Map<String, Tensor> weights = new LinkedHashMap<>();
    for (WeightTensor tensor : DecoderTensors.of(spec, tied)) {
      weights.put(tensor.name(), tensors.tensor(tensor.name(), tensor.dimensions()));
    }
    return new NamedWeights(spec, weights);
  }
}

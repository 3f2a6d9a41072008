package dev.lengthwise.train;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.model.Architecture;
import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.MethodJson;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.train.data.Masking;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The `config.json` of a checkpoint in a run folder, which loads as a model of the type
/// `lengthwise`: blocks name its `architecture`, and its method where positions are not plain
/// rotary ones. A model that fills in masked tokens says which id is the mask.
@JsonInclude(JsonInclude.Include.NON_NULL)
record CheckpointConfig(
    @JsonProperty("architectures") List<String> architectures,
    @JsonProperty("model_type") String modelType,
    @JsonProperty("vocab_size") int vocabularySize,
    @JsonProperty("hidden_size") int hiddenSize,
    @JsonProperty("intermediate_size") int feedForwardSize,
    @JsonProperty("num_hidden_layers") int layers,
    @JsonProperty("num_attention_heads") int heads,
    @JsonProperty("num_key_value_heads") int keyValueHeads,
    @JsonProperty("head_dim") int headSize,
    @JsonProperty("hidden_act") String activation,
    @JsonProperty("max_position_embeddings") int trainedLength,
    @JsonProperty("rms_norm_eps") double normEpsilon,
    @JsonProperty("rope_theta") double rotaryBase,
    @JsonProperty("attention_bias") boolean attentionBias,
    @JsonProperty("mlp_bias") boolean feedForwardBias,
    @JsonProperty("tie_word_embeddings") boolean tied,
    @JsonProperty("bos_token_id") int begin,
    @JsonProperty("eos_token_id") int end,
    @JsonProperty("mask_token_id") @Nullable Integer mask,
    @JsonProperty("torch_dtype") String type,
    @JsonProperty("architecture") Architecture architecture,
    @JsonProperty("length_extrapolation") @Nullable ObjectNode method) {

  /// The file of a model that is trained by `config`, with weights in f32.
  ///
  /// @param method the position method that it is trained with
  static CheckpointConfig of(TrainConfig config, PositionMethod method, Tokenizer tokenizer) {
    TrainConfig.Model model = config.model();
    boolean masked = model.architecture().isBidirectional();
    boolean plain = method.identityLength(config.shape()) == Bounds.UNBOUNDED;
    return new CheckpointConfig(
        List.of(masked ? "LengthwiseForMaskedLM" : "LengthwiseForCausalLM"),
        "lengthwise",
        model.vocabularySize(),
        model.hiddenSize(),
        model.feedForwardSize(),
        model.layers(),
        model.heads(),
        model.keyValueHeads(),
        model.headSize(),
        "silu",
        config.trainedLength(),
        model.normEpsilon(),
        model.rotaryBase(),
        false,
        false,
        model.tied(),
        tokenizer.beginOfText().orElse(0),
        tokenizer.endOfText().orElse(0),
        masked ? Masking.maskOf(tokenizer) : null,
        "float32",
        model.architecture(),
        plain ? null : MethodJson.write(method.value()));
  }
}

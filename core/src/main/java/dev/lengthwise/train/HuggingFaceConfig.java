package dev.lengthwise.train;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.lengthwise.model.Architecture;
import dev.lengthwise.tokenizer.Tokenizer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The `config.json` of a model folder. The parts are named as Hugging Face's `LlamaForCausalLM`,
/// which reads it, names them; a model of other layers has the type `lengthwise` and a block
/// `architecture`.
@JsonInclude(JsonInclude.Include.NON_NULL)
record HuggingFaceConfig(
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
    @JsonProperty("torch_dtype") String type,
    @JsonProperty("architecture") @Nullable Architecture architecture) {

  /// The file of a model that was trained by `config`.
  ///
  /// @param type type of the stored weights, `float32` or `bfloat16`
  static HuggingFaceConfig of(TrainConfig config, Tokenizer tokenizer, String type) {
    TrainConfig.Model model = config.model();
    boolean llama = model.architecture().hasLlamaLayers();
    return new HuggingFaceConfig(
        List.of(llama ? "LlamaForCausalLM" : "LengthwiseForCausalLM"),
        llama ? "llama" : "lengthwise",
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
        type,
        llama ? null : model.architecture());
  }
}

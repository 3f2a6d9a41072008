package dev.lengthwise.train;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.lengthwise.model.Architecture;
import dev.lengthwise.model.GptNeoxTensors;
import dev.lengthwise.tokenizer.Tokenizer;
import java.util.List;

/// The `config.json` of a model whose layers are those of Hugging Face's `GPTNeoXForCausalLM`. Its
/// size of a head is the hidden size over the number of heads.
record GptNeoxConfig(
    @JsonProperty("architectures") List<String> architectures,
    @JsonProperty("model_type") String modelType,
    @JsonProperty("vocab_size") int vocabularySize,
    @JsonProperty("hidden_size") int hiddenSize,
    @JsonProperty("intermediate_size") int feedForwardSize,
    @JsonProperty("num_hidden_layers") int layers,
    @JsonProperty("num_attention_heads") int heads,
    @JsonProperty("hidden_act") String activation,
    @JsonProperty("max_position_embeddings") int trainedLength,
    @JsonProperty("layer_norm_eps") double normEpsilon,
    @JsonProperty("rotary_pct") double rotaryShare,
    @JsonProperty("rotary_emb_base") double rotaryBase,
    @JsonProperty("use_parallel_residual") boolean parallel,
    @JsonProperty("attention_bias") boolean attentionBias,
    @JsonProperty("tie_word_embeddings") boolean tied,
    @JsonProperty("bos_token_id") int begin,
    @JsonProperty("eos_token_id") int end,
    @JsonProperty("torch_dtype") String type) {

  /// The file of a model that was trained by `config` and [GptNeoxTensors#fit]s.
  ///
  /// @param type type of the stored weights
  static GptNeoxConfig of(TrainConfig config, Tokenizer tokenizer, String type) {
    TrainConfig.Model model = config.model();
    Architecture architecture = model.architecture();
    return new GptNeoxConfig(
        List.of("GPTNeoXForCausalLM"),
        "gpt_neox",
        model.vocabularySize(),
        model.hiddenSize(),
        model.feedForwardSize(),
        model.layers(),
        model.heads(),
        "gelu",
        config.trainedLength(),
        model.normEpsilon(),
        (double) config.shape().rotarySize() / model.headSize(),
        model.rotaryBase(),
        architecture.placement().isParallel(),
        GptNeoxTensors.hasAttentionBias(architecture),
        model.tied(),
        tokenizer.beginOfText().orElse(0),
        tokenizer.endOfText().orElse(0),
        type);
  }
}

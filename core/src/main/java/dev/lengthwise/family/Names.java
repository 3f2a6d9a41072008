package dev.lengthwise.family;

import dev.lengthwise.family.NameRow.Arrangement;
import dev.lengthwise.model.Slot;
import dev.lengthwise.model.WeightId.Part;
import java.util.Arrays;

/// Names that several families share.
final class Names {

  /// Masks and frequencies that older files hold beside the weights.
  static final String FREQUENCIES = ".*\\.rotary_emb\\.inv_freq";

  /// Hugging Face's Llama, and whatever is called like it.
  static final NameMap LLAMA =
      NameMap.of(
              NameRow.of("model.embed_tokens", Slot.EMBEDDING),
              NameRow.of("model.norm", Slot.LAST_NORM),
              NameRow.of("lm_head", Slot.HEAD),
              NameRow.of("model.layers.%l.input_layernorm", Slot.MIXER_NORM),
              NameRow.of("model.layers.%l.self_attn.q_proj", Slot.QUERY),
              NameRow.of("model.layers.%l.self_attn.k_proj", Slot.KEY),
              NameRow.of("model.layers.%l.self_attn.v_proj", Slot.VALUE),
              NameRow.of("model.layers.%l.self_attn.o_proj", Slot.ATTENTION_OUTPUT),
              NameRow.of("model.layers.%l.post_attention_layernorm", Slot.FEED_FORWARD_NORM),
              NameRow.of("model.layers.%l.mlp.gate_proj", Slot.GATE),
              NameRow.of("model.layers.%l.mlp.up_proj", Slot.UP),
              NameRow.of("model.layers.%l.mlp.down_proj", Slot.DOWN))
          // Decoders without a head, as embeddings are published.
          .optionalPrefix("model.")
          .ignoring(FREQUENCIES);

  /// Norms of queries and keys as Hugging Face calls them since Qwen3.
  static final NameMap LLAMA_WITH_HEAD_NORMS =
      LLAMA.with(
          NameRow.of("model.layers.%l.self_attn.q_norm", Slot.QUERY_NORM),
          NameRow.of("model.layers.%l.self_attn.k_norm", Slot.KEY_NORM));

  /// Routers and experts as Hugging Face calls them since Qwen2-MoE.
  static final NameMap LLAMA_WITH_EXPERTS =
      LLAMA_WITH_HEAD_NORMS.with(
          NameRow.of("model.layers.%l.mlp.gate", Slot.ROUTER),
          NameRow.of("model.layers.%l.mlp.experts.%e.gate_proj", Slot.EXPERT_GATE),
          NameRow.of("model.layers.%l.mlp.experts.%e.up_proj", Slot.EXPERT_UP),
          NameRow.of("model.layers.%l.mlp.experts.%e.down_proj", Slot.EXPERT_DOWN),
          NameRow.of("model.layers.%l.mlp.shared_expert.gate_proj", Slot.SHARED_GATE),
          NameRow.of("model.layers.%l.mlp.shared_expert.up_proj", Slot.SHARED_UP),
          NameRow.of("model.layers.%l.mlp.shared_expert.down_proj", Slot.SHARED_DOWN),
          NameRow.of("model.layers.%l.mlp.shared_expert_gate", Slot.SHARED_ROUTER));

  /// The same with shared experts and corrections of the choice, as since DeepSeek-V3.
  static final NameMap LLAMA_WITH_SHARED_EXPERTS =
      LLAMA_WITH_EXPERTS.with(
          NameRow.of("model.layers.%l.mlp.gate.e_score_correction_bias", Slot.ROUTER_CORRECTION)
              .suffixed("", ""),
          NameRow.of("model.layers.%l.mlp.shared_experts.gate_proj", Slot.SHARED_GATE),
          NameRow.of("model.layers.%l.mlp.shared_experts.up_proj", Slot.SHARED_UP),
          NameRow.of("model.layers.%l.mlp.shared_experts.down_proj", Slot.SHARED_DOWN));

  /// Hugging Face's GPT-2, and whatever is called like it.
  static final NameMap GPT2 =
      NameMap.of(
              NameRow.of("transformer.wte", Slot.EMBEDDING),
              NameRow.of("transformer.wpe", Slot.PLACES),
              NameRow.of("transformer.ln_f", Slot.LAST_NORM),
              NameRow.of("lm_head", Slot.HEAD),
              NameRow.of("transformer.h.%l.ln_1", Slot.MIXER_NORM),
              NameRow.of("transformer.h.%l.attn.c_attn", Slot.QUERY, Slot.KEY, Slot.VALUE),
              NameRow.of("transformer.h.%l.attn.c_proj", Slot.ATTENTION_OUTPUT),
              NameRow.of("transformer.h.%l.ln_2", Slot.FEED_FORWARD_NORM),
              NameRow.of("transformer.h.%l.mlp.c_fc", Slot.UP),
              NameRow.of("transformer.h.%l.mlp.c_proj", Slot.DOWN))
          .optionalPrefix("transformer.")
          // Older files hold masks beside the weights.
          .ignoring("(transformer\\.)?h\\.\\d+\\.attn\\.(attention\\.)?(bias|masked_bias)");

  /// Hugging Face's BLOOM, and Falcon, which is called like it.
  static final NameMap BLOOM =
      NameMap.of(
          NameRow.of("transformer.word_embeddings", Slot.EMBEDDING),
          NameRow.of("transformer.ln_f", Slot.LAST_NORM),
          NameRow.of("lm_head", Slot.HEAD),
          NameRow.of("transformer.h.%l.input_layernorm", Slot.MIXER_NORM),
          NameRow.of(
                  "transformer.h.%l.self_attention.query_key_value",
                  Slot.QUERY, Slot.KEY, Slot.VALUE)
              .arranged(Arrangement.BY_GROUP),
          NameRow.of("transformer.h.%l.self_attention.dense", Slot.ATTENTION_OUTPUT),
          NameRow.of("transformer.h.%l.post_attention_layernorm", Slot.FEED_FORWARD_NORM),
          NameRow.of("transformer.h.%l.mlp.dense_h_to_4h", Slot.UP),
          NameRow.of("transformer.h.%l.mlp.dense_4h_to_h", Slot.DOWN));

  /// Every place under its own name: models of Lengthwise, and run folders.
  static final NameMap OWN =
      NameMap.of(Arrays.stream(Slot.values()).map(Names::own).toArray(NameRow[]::new))
          .ignoring(FREQUENCIES);

  /// GGUF: one vocabulary for all architectures. Where a file may hold weights joined or apart,
  /// the joined row stands first.
  static final NameMap GGUF =
      NameMap.of(
              NameRow.of("token_embd", Slot.EMBEDDING),
              NameRow.of("position_embd", Slot.PLACES),
              NameRow.of("token_embd_norm", Slot.EMBEDDING_NORM),
              NameRow.of("output_norm", Slot.LAST_NORM),
              NameRow.of("output", Slot.HEAD),
              NameRow.of("blk.%l.attn_norm", Slot.MIXER_NORM),
              NameRow.of("blk.%l.attn_q", Slot.QUERY),
              NameRow.of("blk.%l.attn_k", Slot.KEY),
              NameRow.of("blk.%l.attn_v", Slot.VALUE),
              NameRow.of("blk.%l.attn_output", Slot.ATTENTION_OUTPUT),
              NameRow.of("blk.%l.attn_q_norm", Slot.QUERY_NORM),
              NameRow.of("blk.%l.attn_k_norm", Slot.KEY_NORM),
              NameRow.of("blk.%l.attn_sinks", Slot.SINKS),
              NameRow.of("blk.%l.post_attention_norm", Slot.MIXER_OUTPUT_NORM),
              NameRow.of("blk.%l.ffn_norm", Slot.FEED_FORWARD_NORM),
              NameRow.of("blk.%l.ffn_gate", Slot.GATE),
              NameRow.of("blk.%l.ffn_up", Slot.UP),
              NameRow.of("blk.%l.ffn_down", Slot.DOWN),
              NameRow.of("blk.%l.post_ffw_norm", Slot.FEED_FORWARD_OUTPUT_NORM),
              NameRow.of("blk.%l.ffn_gate_inp", Slot.ROUTER),
              NameRow.of("blk.%l.exp_probs_b", Slot.ROUTER_CORRECTION).suffixed(".bias", ""),
              NameRow.of("blk.%l.ffn_gate_exps", Slot.EXPERT_GATE).arranged(Arrangement.EXPERTS),
              NameRow.of("blk.%l.ffn_up_exps", Slot.EXPERT_UP).arranged(Arrangement.EXPERTS),
              NameRow.of("blk.%l.ffn_down_exps", Slot.EXPERT_DOWN).arranged(Arrangement.EXPERTS),
              // The first files of Mixtral.
              NameRow.of("blk.%l.ffn_gate.%e", Slot.EXPERT_GATE),
              NameRow.of("blk.%l.ffn_up.%e", Slot.EXPERT_UP),
              NameRow.of("blk.%l.ffn_down.%e", Slot.EXPERT_DOWN),
              NameRow.of("blk.%l.ffn_gate_shexp", Slot.SHARED_GATE),
              NameRow.of("blk.%l.ffn_up_shexp", Slot.SHARED_UP),
              NameRow.of("blk.%l.ffn_down_shexp", Slot.SHARED_DOWN),
              NameRow.of("blk.%l.ffn_gate_inp_shexp", Slot.SHARED_ROUTER)
                  .arranged(Arrangement.FLAT),
              NameRow.of("blk.%l.attn_q_a", Slot.QUERY_DOWN),
              NameRow.of("blk.%l.attn_q_a_norm", Slot.QUERY_DOWN_NORM),
              NameRow.of("blk.%l.attn_kv_a_mqa", Slot.KEY_DOWN, Slot.ROTARY_KEY),
              NameRow.of("blk.%l.attn_kv_a_norm", Slot.KEY_DOWN_NORM))
          .ignoring("rope_freqs\\.weight", "rope_factors_(long|short)\\.weight");

  /// Encoders of Hugging Face, called after BERT.
  static final NameMap BERT =
      NameMap.of(
              NameRow.of("embeddings.word_embeddings", Slot.EMBEDDING),
              NameRow.of("embeddings.position_embeddings", Slot.PLACES),
              NameRow.of("embeddings.token_type_embeddings", Slot.TYPES),
              NameRow.of("embeddings.LayerNorm", Slot.EMBEDDING_NORM),
              NameRow.of("encoder.layer.%l.attention.self.query", Slot.QUERY),
              NameRow.of("encoder.layer.%l.attention.self.key", Slot.KEY),
              NameRow.of("encoder.layer.%l.attention.self.value", Slot.VALUE),
              NameRow.of("encoder.layer.%l.attention.output.dense", Slot.ATTENTION_OUTPUT),
              NameRow.of("encoder.layer.%l.attention.output.LayerNorm", Slot.MIXER_NORM),
              NameRow.of("encoder.layer.%l.intermediate.dense", Slot.UP),
              NameRow.of("encoder.layer.%l.output.dense", Slot.DOWN),
              NameRow.of("encoder.layer.%l.output.LayerNorm", Slot.FEED_FORWARD_NORM))
          // What was trained beside the encoder: poolers and heads that fill in masked tokens.
          .ignoring(
              ".*embeddings\\.(position|token_type)_ids",
              "(.*\\.)?pooler\\..*",
              "cls\\..*",
              "lm_head\\..*");

  /// GGUF files of encoders whose norms come after the sums.
  static final NameMap GGUF_ENCODER =
      GGUF.with(
              NameRow.of("token_types", Slot.TYPES),
              NameRow.of("blk.%l.attn_output_norm", Slot.MIXER_NORM),
              NameRow.of("blk.%l.layer_output_norm", Slot.FEED_FORWARD_NORM),
              NameRow.of("blk.%l.attn_qkv", Slot.QUERY, Slot.KEY, Slot.VALUE))
          .without("blk.%l.attn_norm", "blk.%l.ffn_norm");

  /// GGUF with queries, keys and values in one tensor, as most files of older families have them.
  static final NameMap GGUF_JOINED =
      GGUF.with(NameRow.of("blk.%l.attn_qkv", Slot.QUERY, Slot.KEY, Slot.VALUE));

  private Names() {}

  private static NameRow own(Slot slot) {
    String module = (slot.isInLayers() ? "model.layers.%l." : "") + slot.module();
    NameRow row = NameRow.of(module, slot);
    return switch (slot) {
      case UNIT_QUERY, UNIT_KEY -> row.suffixed(Part.SCALE.suffix(), Part.OFFSET.suffix());
      default -> slot.isBare() ? row.suffixed("", "") : row;
    };
  }
}

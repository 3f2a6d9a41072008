package dev.lengthwise.family;

/// What a format calls the tensors of a decoder; names of projections are without `.weight` or
/// `.bias`, names inside a block without its prefix.
///
/// @param embedding the table of token embeddings
/// @param norm the last norm
/// @param head the projection to logits
/// @param block prefix of a block, with `%d` for its index
/// @param attentionNorm norm before attention
/// @param query query projection
/// @param key key projection
/// @param value value projection
/// @param output projection after attention
/// @param feedForwardNorm norm before the feed-forward part
/// @param gate gate projection
/// @param up up projection
/// @param down down projection
record TensorNames(
    String embedding,
    String norm,
    String head,
    String block,
    String attentionNorm,
    String query,
    String key,
    String value,
    String output,
    String feedForwardNorm,
    String gate,
    String up,
    String down) {

  /// The names of Hugging Face's Llama.
  static final TensorNames HUGGING_FACE =
      new TensorNames(
          "model.embed_tokens",
          "model.norm",
          "lm_head",
          "model.layers.%d.",
          "input_layernorm",
          "self_attn.q_proj",
          "self_attn.k_proj",
          "self_attn.v_proj",
          "self_attn.o_proj",
          "post_attention_layernorm",
          "mlp.gate_proj",
          "mlp.up_proj",
          "mlp.down_proj");

  /// The names of GGUF.
  static final TensorNames GGUF =
      new TensorNames(
          "token_embd",
          "output_norm",
          "output",
          "blk.%d.",
          "attn_norm",
          "attn_q",
          "attn_k",
          "attn_v",
          "attn_output",
          "ffn_norm",
          "ffn_gate",
          "ffn_up",
          "ffn_down");

  /// The full name of a part of a block.
  String in(int layer, String part) {
    return block.formatted(layer) + part;
  }
}

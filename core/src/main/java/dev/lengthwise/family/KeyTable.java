package dev.lengthwise.family;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.model.ModelSpec;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a file format calls the settings of a model, read and written from the same rows.
///
/// In GGUF a name is preceded by that of the architecture; in Hugging Face's `config.json` a dot
/// leads into a block.
final class KeyTable {

  /// No keys yet.
  static final KeyTable EMPTY = new KeyTable(Map.of());

  /// Hugging Face's Llama, and whatever is called like it.
  static final KeyTable LLAMA =
      EMPTY
          .with(Field.VOCABULARY, "vocab_size")
          .with(Field.HIDDEN, "hidden_size")
          .with(Field.INNER, "intermediate_size")
          .with(Field.LAYERS, "num_hidden_layers")
          .with(Field.HEADS, "num_attention_heads")
          .with(Field.KEY_VALUE_HEADS, "num_key_value_heads")
          .with(Field.HEAD_SIZE, "head_dim")
          .with(Field.ACTIVATION, "hidden_act")
          .with(Field.LENGTH, "max_position_embeddings")
          .with(Field.EPSILON, "rms_norm_eps")
          .with(Field.ROTARY_BASE, "rope_theta")
          .with(Field.ROTARY_SHARE, "partial_rotary_factor", 1.0)
          .with(Field.TIED, "tie_word_embeddings")
          .with(Field.ATTENTION_BIAS, "attention_bias")
          .with(Field.FEED_FORWARD_BIAS, "mlp_bias");

  /// The same with experts beside shared ones, as since DeepSeek-V2.
  static final KeyTable LLAMA_WITH_SHARED_EXPERTS =
      LLAMA
          .without(Field.FEED_FORWARD_BIAS)
          .with(Field.EXPERTS, "n_routed_experts")
          .with(Field.ACTIVE_EXPERTS, "num_experts_per_tok")
          .with(Field.EXPERT_INNER, "moe_intermediate_size")
          .with(Field.SHARED_EXPERTS, "n_shared_experts")
          .with(Field.PLAIN_LAYERS, "first_k_dense_replace")
          .with(Field.EXPERT_SCALE, "routed_scaling_factor")
          .with(Field.GROUPS, "n_group")
          .with(Field.ACTIVE_GROUPS, "topk_group")
          .with(Field.RENORMALISED, "norm_topk_prob");

  /// GPT-2, and whatever is called like it.
  static final KeyTable GPT2 =
      EMPTY
          .with(Field.VOCABULARY, "vocab_size")
          .with(Field.HIDDEN, "n_embd")
          .with(Field.LAYERS, "n_layer")
          .with(Field.HEADS, "n_head")
          .with(Field.INNER, "n_inner")
          .with(Field.LENGTH, "n_positions")
          .with(Field.ACTIVATION, "activation_function")
          .with(Field.EPSILON, "layer_norm_epsilon")
          .with(Field.TIED, "tie_word_embeddings");

  /// Encoders of Hugging Face, called after BERT.
  static final KeyTable BERT =
      EMPTY
          .with(Field.VOCABULARY, "vocab_size")
          .with(Field.HIDDEN, "hidden_size")
          .with(Field.INNER, "intermediate_size")
          .with(Field.LAYERS, "num_hidden_layers")
          .with(Field.HEADS, "num_attention_heads")
          .with(Field.ACTIVATION, "hidden_act")
          .with(Field.LENGTH, "max_position_embeddings")
          .with(Field.TYPES, "type_vocab_size")
          .with(Field.EPSILON, "layer_norm_eps");

  /// GGUF: one vocabulary for all architectures.
  static final KeyTable GGUF =
      EMPTY
          .with(Field.VOCABULARY, "vocab_size")
          .with(Field.LENGTH, "context_length")
          .with(Field.HIDDEN, "embedding_length")
          .with(Field.LAYERS, "block_count")
          .with(Field.INNER, "feed_forward_length")
          .with(Field.HEADS, "attention.head_count")
          .with(Field.KEY_VALUE_HEADS, "attention.head_count_kv")
          .with(Field.HEAD_SIZE, "attention.key_length")
          .with(Field.VALUE_SIZE, "attention.value_length")
          .with(Field.EPSILON, "attention.layer_norm_rms_epsilon")
          .with(Field.ROTARY_SIZE, "rope.dimension_count")
          .with(Field.ROTARY_BASE, "rope.freq_base")
          .with(Field.CLAMP, "attention.clamp_kqv")
          .with(Field.ALIBI_MAX, "attention.max_alibi_bias")
          .with(Field.WINDOW, "attention.sliding_window")
          .with(Field.EXPERTS, "expert_count")
          .with(Field.ACTIVE_EXPERTS, "expert_used_count")
          .with(Field.EXPERT_INNER, "expert_feed_forward_length")
          .with(Field.SHARED_INNER, "expert_shared_feed_forward_length")
          .with(Field.RENORMALISED, "expert_weights_norm")
          .with(Field.SCORE_SCALE, "attention.scale")
          .with(Field.SCORE_CAP, "attn_logit_softcapping")
          .with(Field.LOGIT_CAP, "final_logit_softcapping");

  /// The same for architectures with experts beside shared ones.
  static final KeyTable GGUF_WITH_SHARED_EXPERTS =
      GGUF.with(Field.SHARED_EXPERTS, "expert_shared_count")
          .with(Field.PLAIN_LAYERS, "leading_dense_block_count")
          .with(Field.EXPERT_SCALE, "expert_weights_scale")
          .with(Field.EXPERT_GATING, "expert_gating_func")
          .with(Field.NEXT_TOKEN_LAYERS, "nextn_predict_layers");

  /// GGUF for architectures with layer norms.
  static final KeyTable GGUF_LAYER_NORM = GGUF.with(Field.EPSILON, "attention.layer_norm_epsilon");

  /// A key, and the value that a header means which does not have it.
  ///
  /// @param silent not written; `null` for none
  /// @param others what some files call it instead
  private record Key(String name, @Nullable Object silent, List<String> others) {}

  private final Map<Field, Key> names = new EnumMap<>(Field.class);

  private KeyTable(Map<Field, Key> names) {
    this.names.putAll(names);
  }

  /// The same table with a key of a setting; it takes the place of an earlier one.
  KeyTable with(Field field, String key) {
    return with(field, key, null);
  }

  /// The same with a value that is not written, since a header without the key means it.
  KeyTable with(Field field, String key, @Nullable Object silent) {
    KeyTable copy = new KeyTable(names);
    copy.names.put(field, new Key(key, silent, List.of()));
    return copy;
  }

  /// The same with further names of a setting, which are read where its key is missing.
  KeyTable alsoReading(Field field, String... others) {
    KeyTable copy = new KeyTable(names);
    copy.names.computeIfPresent(field, (_, key) -> new Key(key.name, key.silent, List.of(others)));
    return copy;
  }

  /// The same table without a key of a setting.
  KeyTable without(Field field) {
    KeyTable copy = new KeyTable(names);
    copy.names.remove(field);
    return copy;
  }

  /// The key of a setting, or `null`.
  @Nullable String key(Field field) {
    Key key = names.get(field);
    return key == null ? null : key.name;
  }

  /// What some files call a setting instead of its key.
  List<String> otherKeys(Field field) {
    Key key = names.get(field);
    return key == null ? List.of() : key.others;
  }

  /// What the header of a model says, by key.
  Map<String, Object> values(ModelSpec spec) {
    Map<String, Object> values = new LinkedHashMap<>();
    names.forEach(
        (field, key) -> {
          Object value = field.of(spec);
          if (value != null && !value.equals(key.silent)) {
            values.put(key.name, value);
          }
        });
    return values;
  }

  /// The block of `config.json` that holds a key, and makes it where it is missing.
  static ObjectNode blockOf(ObjectNode config, String key) {
    int dot = key.lastIndexOf('.');
    return dot < 0 ? config : config.withObject("/" + key.substring(0, dot).replace('.', '/'));
  }

  /// The last part of a key.
  static String leaf(String key) {
    return key.substring(key.lastIndexOf('.') + 1);
  }
}

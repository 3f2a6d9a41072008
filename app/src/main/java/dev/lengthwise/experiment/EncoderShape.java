package dev.lengthwise.experiment;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.train.Initialisation;

/// What the small encoders of experiments are made of: all have about as many weights.
///
/// @param kind of layers
/// @param hidden channels of the stream
/// @param layers of BERT; gated attention units are twice as many
/// @param places tokens of the longest text
public record EncoderShape(Kind kind, int hidden, int layers, int places) {

  private static final int HEAD_SIZE = 32;
  private static final String SILU = "swish";

  /// Kinds of layers.
  public enum Kind {
    /// Attention and feed-forward blocks, learned positions, norms after the sums.
    BERT("BERT"),
    /// Gated attention units with rotary positions.
    GAU_ALPHA("GAU-α"),
    /// BERT's layers with rotary positions.
    ROFORMER("RoFormer"),
    /// BERT's layers with a bias that falls with the distance, and gated feed-forward blocks.
    ALIBI("ALiBi");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    /// Its name in tables.
    public String label() {
      return label;
    }
  }

  /// The first weights, as the makers of the kind chose them.
  Initialisation initialisation() {
    return switch (kind) {
      case BERT, ROFORMER, ALIBI -> Initialisation.NORMAL;
      case GAU_ALPHA -> Initialisation.GAU_ALPHA;
    };
  }

  /// The `config.json` of its family.
  ObjectNode header(int vocabulary) {
    ObjectNode header =
        JsonNodeFactory.instance
            .objectNode()
            .put("vocab_size", vocabulary)
            .put("hidden_size", hidden)
            .put("max_position_embeddings", places)
            .put("type_vocab_size", 2)
            .put("layer_norm_eps", 1e-12)
            .put("pad_token_id", 0);
    return switch (kind) {
      case BERT -> attention(header, "bert", "BertModel", 4 * hidden, "gelu");
      case ROFORMER ->
          attention(header, "roformer", "RoFormerModel", 4 * hidden, "gelu")
              .put("embedding_size", hidden)
              .put("rotary_value", false);
      case ALIBI ->
          attention(header, "bert", "JinaBertModel", 4 * hidden * 2 / 3, "gelu")
              .put("position_embedding_type", "alibi")
              .put("feed_forward_type", "geglu");
      case GAU_ALPHA -> {
        header.putArray("architectures").add("GAUAlphaModel");
        yield header
            .put("model_type", "gau_alpha")
            .put("num_hidden_layers", 2 * layers)
            .put("intermediate_size", hidden * 15 / 8)
            .put("attention_key_size", hidden / 2)
            .put("attention_scale", true)
            .put("normalization", "softmax_plus")
            .put("use_bias", false)
            .put("embedding_size", hidden)
            .put("hidden_act", SILU);
      }
    };
  }

  private ObjectNode attention(
      ObjectNode header, String type, String architecture, int inner, String activation) {
    header.putArray("architectures").add(architecture);
    return header
        .put("model_type", type)
        .put("num_hidden_layers", layers)
        .put("num_attention_heads", hidden / HEAD_SIZE)
        .put("intermediate_size", inner)
        .put("hidden_act", activation);
  }
}

package dev.lengthwise.model;

/// The places of a decoder that weights stand at. Their modules are called as in Hugging Face's
/// Llama where that has them; files of other families have names of their own.
public enum Slot {
  /// A row for each token.
  EMBEDDING("model.embed_tokens", WeightRole.EMBEDDING),
  /// A row for each place of the text.
  PLACES("model.embed_positions", WeightRole.EMBEDDING),
  /// A row for each type of token.
  TYPES("model.embed_types", WeightRole.EMBEDDING),
  /// Norm of the embedding.
  EMBEDDING_NORM("model.embed_norm", WeightRole.GAIN),
  /// Norm after the last layer.
  LAST_NORM("model.norm", WeightRole.GAIN),
  /// Projection to logits.
  HEAD("lm_head", WeightRole.MATRIX),
  /// Inner projection of the head of a task.
  TASK_DENSE("task.dense", WeightRole.MATRIX),
  /// Norm of its inner channels.
  TASK_NORM("task.norm", WeightRole.GAIN),
  /// Projection to the answers of a task.
  TASK_OUTPUT("task.output", WeightRole.MATRIX),

  /// Norm of the token mixer.
  MIXER_NORM("input_layernorm", WeightRole.GAIN),
  /// Projection to queries.
  QUERY("self_attn.q_proj", WeightRole.MATRIX),
  /// Projection to keys; in latent attention to those of their channels that do not turn.
  KEY("self_attn.k_proj", WeightRole.MATRIX),
  /// Projection to values.
  VALUE("self_attn.v_proj", WeightRole.VALUE),
  /// Projection of attention back to the stream.
  ATTENTION_OUTPUT("self_attn.o_proj", WeightRole.ATTENTION_OUTPUT),
  /// Norm of queries.
  QUERY_NORM("self_attn.q_norm", WeightRole.GAIN),
  /// Norm of keys.
  KEY_NORM("self_attn.k_norm", WeightRole.GAIN),
  /// A score of each head that takes part in the sum of the softmax only.
  SINKS("self_attn.sinks", WeightRole.BIAS),
  /// Projection to the small vector of queries.
  QUERY_DOWN("self_attn.q_a_proj", WeightRole.MATRIX),
  /// Its norm.
  QUERY_DOWN_NORM("self_attn.q_a_layernorm", WeightRole.GAIN),
  /// Projection of the small vector to queries.
  QUERY_UP("self_attn.q_b_proj", WeightRole.MATRIX),
  /// Projection to the small vector of keys and values.
  KEY_DOWN("self_attn.kv_a_proj", WeightRole.MATRIX),
  /// Its norm.
  KEY_DOWN_NORM("self_attn.kv_a_layernorm", WeightRole.GAIN),
  /// Projection to the channels of keys that turn, one vector for all heads.
  ROTARY_KEY("self_attn.k_rot_proj", WeightRole.MATRIX),
  /// Norm of what the token mixer adds.
  MIXER_OUTPUT_NORM("self_attn.output_norm", WeightRole.GAIN),

  /// Projection to gate, values and queries of a gated attention unit.
  UNIT_INPUT("gau.input_proj", WeightRole.GATED_UNIT),
  /// What makes its queries.
  UNIT_QUERY("gau.query", WeightRole.GAIN),
  /// What makes its keys.
  UNIT_KEY("gau.key", WeightRole.GAIN),
  /// Its projection back to the stream.
  UNIT_OUTPUT("gau.output_proj", WeightRole.GATED_UNIT),

  /// Projection to the inputs of a recurrence.
  RECURRENT_INPUT("lru.input_proj", WeightRole.RECURRENT_INPUT),
  /// `ν` of [dev.lengthwise.recurrence.Ring].
  LOG_RATE("lru.log_rate", WeightRole.LOG_RATE),
  /// `θ` of [dev.lengthwise.recurrence.Ring].
  LOG_PHASE("lru.log_phase", WeightRole.LOG_PHASE),
  /// `ln γ` of [dev.lengthwise.recurrence.Ring].
  LOG_GAIN("lru.log_gain", WeightRole.LOG_GAIN),
  /// Projection of the states of a recurrence back to the stream.
  RECURRENT_OUTPUT("lru.output_proj", WeightRole.ATTENTION_OUTPUT),

  /// Norm of the feed-forward block.
  FEED_FORWARD_NORM("post_attention_layernorm", WeightRole.GAIN),
  /// Projection to gates.
  GATE("mlp.gate_proj", WeightRole.GATED),
  /// Projection to inner channels.
  UP("mlp.up_proj", WeightRole.GATED),
  /// Projection back to the stream.
  DOWN("mlp.down_proj", WeightRole.FEED_FORWARD_OUTPUT),
  /// Projection to the logits of experts.
  ROUTER("mlp.router", WeightRole.MATRIX),
  /// Numbers that are added to the shares of experts for the choice.
  ROUTER_CORRECTION("mlp.router.correction", WeightRole.BIAS),
  /// Gates of an expert.
  EXPERT_GATE("mlp.experts.%e.gate_proj", WeightRole.GATED),
  /// Inner channels of an expert.
  EXPERT_UP("mlp.experts.%e.up_proj", WeightRole.GATED),
  /// An expert's projection back to the stream.
  EXPERT_DOWN("mlp.experts.%e.down_proj", WeightRole.FEED_FORWARD_OUTPUT),
  /// Gates of the shared expert.
  SHARED_GATE("mlp.shared_expert.gate_proj", WeightRole.GATED),
  /// Its inner channels.
  SHARED_UP("mlp.shared_expert.up_proj", WeightRole.GATED),
  /// Its projection back to the stream.
  SHARED_DOWN("mlp.shared_expert.down_proj", WeightRole.FEED_FORWARD_OUTPUT),
  /// The vector that weighs the shared expert.
  SHARED_ROUTER("mlp.shared_expert_gate", WeightRole.MATRIX),
  /// Norm of what the feed-forward block adds.
  FEED_FORWARD_OUTPUT_NORM("mlp.output_norm", WeightRole.GAIN);

  private final String module;
  private final WeightRole role;

  Slot(String module, WeightRole role) {
    this.module = module;
    this.role = role;
  }

  /// The name of its module within a layer, or within the model; `%e` stands for an expert.
  public String module() {
    return module;
  }

  /// What its weight does; a bias of a projection has the role of biases.
  public WeightRole role() {
    return role;
  }

  /// Whether every layer has one.
  public boolean isInLayers() {
    return switch (this) {
      case EMBEDDING, PLACES, TYPES, EMBEDDING_NORM, LAST_NORM, HEAD -> false;
      case TASK_DENSE, TASK_NORM, TASK_OUTPUT -> false;
      default -> true;
    };
  }

  /// Whether it belongs to the head of a task.
  public boolean isOfTask() {
    return this == TASK_DENSE || this == TASK_NORM || this == TASK_OUTPUT;
  }

  /// Whether there is one for each expert.
  public boolean isOfExpert() {
    return module.contains("%e");
  }

  /// Whether its weight has no suffix of its own.
  public boolean isBare() {
    return switch (this) {
      case SINKS, LOG_RATE, LOG_PHASE, LOG_GAIN, ROUTER_CORRECTION -> true;
      default -> false;
    };
  }
}

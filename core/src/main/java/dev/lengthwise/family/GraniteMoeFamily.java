package dev.lengthwise.family;

import dev.lengthwise.family.NameRow.Arrangement;
import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Slot;
import dev.lengthwise.position.MethodTerm;
import java.util.List;
import java.util.Optional;

/// Granite-MoE: Granite with a mixture of experts, whose gates and inner channels Hugging Face's
/// files hold in one tensor. It may have an expert that all tokens share, or, in Granite 4, that
/// one alone. Layers of Granite 4 with a state space are refused.
final class GraniteMoeFamily implements Family {

  private static final String HYBRID = "granitemoehybrid";
  private static final String TYPES = "layer_types";
  private static final String POSITIONS = "position_embedding_type";
  private static final long LENGTH = 2048;
  private static final int SHARED_INNER = 1024;

  private static final NameMap NAMES =
      Names.LLAMA.with(
          NameRow.of("model.layers.%l.block_sparse_moe.router.layer", Slot.ROUTER),
          NameRow.of(
                  "model.layers.%l.block_sparse_moe.input_linear", Slot.EXPERT_GATE, Slot.EXPERT_UP)
              .arranged(Arrangement.EXPERTS),
          NameRow.of("model.layers.%l.block_sparse_moe.output_linear", Slot.EXPERT_DOWN)
              .arranged(Arrangement.EXPERTS),
          NameRow.of("model.layers.%l.shared_mlp.input_linear", Slot.SHARED_GATE, Slot.SHARED_UP),
          NameRow.of("model.layers.%l.shared_mlp.output_linear", Slot.SHARED_DOWN));

  private static final NameMap NAMES_OF_4 =
      NAMES.with(
          NameRow.of("model.layers.%l.shared_mlp.input_linear", Slot.GATE, Slot.UP),
          NameRow.of("model.layers.%l.shared_mlp.output_linear", Slot.DOWN));

  private static final KeyTable KEYS =
      GraniteFamily.KEYS
          .without(Field.FEED_FORWARD_BIAS)
          .with(Field.EXPERTS, "num_local_experts")
          .with(Field.ACTIVE_EXPERTS, "num_experts_per_tok");

  private static final KeyTable KEYS_OF_SHARED =
      KEYS.with(Field.SHARED_INNER, "shared_intermediate_size");

  private static final KeyTable KEYS_OF_4 =
      KEYS_OF_SHARED
          .with(Field.INNER, "shared_intermediate_size")
          .with(Field.EXPERT_INNER, "intermediate_size")
          .with(Field.EXPERTS_OR_NONE, "num_local_experts")
          .with(Field.ATTENTION_LAYERS, TYPES)
          .with(Field.POSITION_TYPE, POSITIONS);

  @Override
  public String name() {
    return "granite-moe";
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(
        FileFormat.huggingFace("granitemoe", "GraniteMoeForCausalLM", KEYS, NAMES),
        FileFormat.huggingFace(
            "granitemoeshared", "GraniteMoeSharedForCausalLM", KEYS_OF_SHARED, NAMES),
        FileFormat.huggingFace(HYBRID, "GraniteMoeHybridForCausalLM", KEYS_OF_4, NAMES_OF_4),
        FileFormat.gguf("granitemoe", Names.GGUF).with(GraniteFamily.GGUF).withInterleavedPairs(),
        FileFormat.gguf("granite", Names.GGUF).with(GraniteFamily.GGUF).withInterleavedPairs());
  }

  // A Granite 4 without experts is a Granite for llama.cpp. One that does not rotate is not
  // written.
  @Override
  public Optional<FileFormat> formatIn(Container container, ModelSpec spec) {
    if (container != Container.GGUF) {
      return Family.super.formatIn(container, spec);
    }
    boolean mixture = Field.EXPERTS.of(spec) != null;
    return formats().stream()
        .filter(own -> own.container() == container && spec.shape().hasRotary())
        .filter(own -> own.types().contains(mixture ? "granitemoe" : "granite"))
        .findFirst();
  }

  @Override
  public ModelSpec spec(Header header) {
    boolean hybrid = header.type().equals(HYBRID);
    if (hybrid) {
      requireAttention(header);
    }
    boolean rotates = !hybrid || header.settings().text(POSITIONS).orElse("").equals("rope");
    return GraniteFamily.model(
        name(),
        header,
        heads ->
            rotates
                ? GraniteFamily.rope(header, heads)
                : RopeDeclaration.none(header.tokens(Field.LENGTH, LENGTH), new MethodTerm("nope")),
        feedForward(header, hybrid));
  }

  private static FeedForward feedForward(Header header, boolean hybrid) {
    if (header.type().equals("granite") || (hybrid && header.number(Field.EXPERTS, 1) == 0)) {
      return header.gated(header.sizeOr(Field.INNER, SHARED_INNER));
    }
    int shared = header.countOr(Field.SHARED_INNER, hybrid ? SHARED_INNER : 0);
    return Experts.of(
        header,
        header.gated(header.size(hybrid ? Field.EXPERT_INNER : Field.INNER)),
        FeedForward.Router.softmax(true),
        shared > 0 ? header.gated(shared) : null,
        false);
  }

  private static void requireAttention(Header header) {
    int layers = header.size(Field.LAYERS);
    boolean attention =
        header
            .perLayer(TYPES, layers)
            .filter(
                types ->
                    types.stream()
                        .allMatch(
                            type -> List.of("attention", "full_attention").contains(type.asText())))
            .isPresent();
    if (!attention) {
      throw header
          .settings()
          .bad(
              TYPES,
              "\"attention\" for every layer, since layers with a state space are not supported");
    }
  }
}

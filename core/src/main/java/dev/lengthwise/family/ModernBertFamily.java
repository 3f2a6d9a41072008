package dev.lengthwise.family;

import dev.lengthwise.matrix.Activation;
import dev.lengthwise.model.Embedding;
import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.model.Slot;
import dev.lengthwise.model.TaskHead;
import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.LayerRule;
import dev.lengthwise.position.Region;
import java.util.List;
import java.util.Optional;

/// ModernBERT: norms before the branches, the embedding normed in place of the first of them, gated
/// blocks. Of three layers one sees everything; the others see half a window to each side, and turn
/// with a base of their own.
///
/// Source: B. Warner et al. 2024, "Smarter, Better, Faster, Longer", arXiv 2412.13663.
final class ModernBertFamily implements Family {

  private static final double EPSILON = 1e-5;
  private static final RopeDeclaration.Defaults ROPE =
      new RopeDeclaration.Defaults(160_000, 1, 8192);
  private static final double LOCAL_BASE = 10_000;
  private static final int WINDOW = 128;
  private static final int PATTERN = 3;
  private static final String POOLING = "classifier_pooling";

  private static final KeyTable KEYS =
      KeyTable.BERT
          .without(Field.TYPES)
          .with(Field.ACTIVATION, "hidden_activation")
          .with(Field.EPSILON, "norm_eps")
          .with(Field.ROTARY_BASE, "global_rope_theta")
          .with(Field.ATTENTION_BIAS, "attention_bias")
          .with(Field.FEED_FORWARD_BIAS, "mlp_bias");

  private static final NameMap NAMES =
      NameMap.of(
              NameRow.of("embeddings.tok_embeddings", Slot.EMBEDDING),
              NameRow.of("embeddings.norm", Slot.EMBEDDING_NORM),
              NameRow.of("layers.%l.attn_norm", Slot.MIXER_NORM),
              NameRow.of("layers.%l.attn.Wqkv", Slot.QUERY, Slot.KEY, Slot.VALUE),
              NameRow.of("layers.%l.attn.Wo", Slot.ATTENTION_OUTPUT),
              NameRow.of("layers.%l.mlp_norm", Slot.FEED_FORWARD_NORM),
              NameRow.of("layers.%l.mlp.Wi", Slot.GATE, Slot.UP),
              NameRow.of("layers.%l.mlp.Wo", Slot.DOWN),
              NameRow.of("final_norm", Slot.LAST_NORM))
          .ignoring("head\\..*", "decoder\\..*")
          .optionally("model.");

  private static final NameMap GGUF =
      Names.GGUF_JOINED.with(NameRow.of("blk.%l.ffn_up", Slot.GATE, Slot.UP));

  @Override
  public String name() {
    return "modern-bert";
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(
        FileFormat.huggingFace("modernbert", "ModernBertModel", KEYS, NAMES),
        FileFormat.gguf("modern-bert", GGUF).with(KeyTable.GGUF_LAYER_NORM));
  }

  // One head for all tasks, with the norm of the layers.
  @Override
  public Optional<TaskForm> taskForm(TaskHead.Kind kind, Settings config, String type) {
    Norm norm =
        Norm.layer(config.number("norm_eps", EPSILON)).with(true, config.flag("norm_bias", false));
    TaskHead.Inner inner =
        new TaskHead.Inner(
            Header.activation(config, "classifier_activation", Activation.GELU),
            config.flag("classifier_bias", false),
            norm);
    return Optional.of(
        TaskForm.of(reading(kind, config), "classifier")
            .inner(inner, "head.dense")
            .with(NameRow.of("head.norm", Slot.TASK_NORM)));
  }

  private static TaskHead.Reading reading(TaskHead.Kind kind, Settings config) {
    return switch (kind) {
      case READING, TAGGING -> TaskHead.Reading.EACH;
      case CLASSIFICATION, CHOICE ->
          switch (config.text(POOLING).orElse("cls")) {
            case "cls" -> TaskHead.Reading.FIRST;
            case "mean" -> TaskHead.Reading.MEAN;
            default -> throw config.bad(POOLING, "\"cls\" or \"mean\"");
          };
    };
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    boolean biased = !header.isGguf() && header.settings().flag("norm_bias", false);
    Norm norm = Norm.layer(header.number(Field.EPSILON, EPSILON)).with(true, biased);
    Residual first =
        new Residual(Residual.Order.SEQUENTIAL, Norm.NONE, norm, Norm.NONE, Norm.NONE, 1);
    Mixer.Attention attention = header.attention(heads).with(LlamaFamily.biases(header));
    FeedForward feedForward =
        FeedForward.Gated.of(header.size(Field.INNER), activation(header))
            .biased(header.flag(Field.FEED_FORWARD_BIAS, false));
    ModelSpec spec =
        header
            .model(
                name(),
                heads,
                header.rope(heads, ROPE),
                Optional.empty(),
                norm,
                layer ->
                    new LayerSpec(
                        attention, feedForward, layer == 0 ? first : Residual.before(norm)))
            .withEmbedding(Embedding.normed(norm))
            .asEncoder();
    return LayerRules.of(spec, sliding(header), local(header), new LayerRule.Global());
  }

  // llama.cpp computes the approximation.
  private static Activation activation(Header header) {
    return header.isGguf() ? Activation.GELU_TANH : header.activation(Activation.GELU);
  }

  private static List<Boolean> sliding(Header header) {
    int pattern =
        header
            .settings()
            .sizeOr(
                header.isGguf()
                    ? "modern-bert.attention.sliding_window_pattern"
                    : "global_attn_every_n_layers",
                PATTERN);
    return header.sliding(layer -> layer % pattern > 0);
  }

  // Half of the window to each side, and the token itself.
  private static LayerRule local(Header header) {
    Settings config = header.settings();
    double window =
        header.isGguf()
            ? header.number(Field.WINDOW, WINDOW)
            : config.number("local_attention", WINDOW);
    double base =
        header.isGguf()
            ? config.number("modern-bert.rope.freq_base_swa", LOCAL_BASE)
            : RopeDeclaration.slidingBase(config)
                .orElse(config.number("local_rope_theta", LOCAL_BASE));
    return new LayerRule.Local(
        Region.within(Bounds.below((long) window / 2 + 1)), new LayerRule.Rotation.Plain(base));
  }
}

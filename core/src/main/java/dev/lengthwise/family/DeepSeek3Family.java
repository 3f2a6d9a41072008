package dev.lengthwise.family;

import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.FeedForward.Router.Scoring;
import dev.lengthwise.model.ModelSpec;
import java.util.List;
import java.util.Optional;

/// DeepSeek-V3 and what has its layers: DeepSeek-V2 whose router takes `σ` of its logits, and
/// chooses groups by their two best experts with trained corrections. Layers that predict further
/// tokens are left out ([NextTokenLayers]).
final class DeepSeek3Family implements Family {

  private static final String PAIRS = "rope_interleave";

  // What the configuration class means where a header does not say.
  private static final double SCALE = 2.5;
  private static final int GROUPS = 8;
  private static final int ACTIVE_GROUPS = 4;

  private static final KeyTable KEYS =
      DeepSeek2Family.KEYS.with(Field.NEXT_TOKEN_LAYERS, "num_nextn_predict_layers");

  private static final FileFormat HALVES =
      FileFormat.huggingFace("deepseek_v3", "DeepseekV3ForCausalLM", KEYS, DeepSeek2Family.NAMES);

  @Override
  public String name() {
    return "deepseek3";
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(HALVES.withInterleavedPairs(), HALVES, DeepSeek2Family.GGUF);
  }

  // The two formats of Hugging Face differ in one key of the header.
  @Override
  public Optional<FileFormat> formatOf(Checkpoint checkpoint) {
    return Family.super
        .formatOf(checkpoint)
        .map(
            found ->
                found.container() == Container.HUGGING_FACE
                        && !Settings.of(checkpoint).flag(PAIRS, true)
                    ? HALVES
                    : found);
  }

  @Override
  public ModelSpec spec(Header header) {
    header.settings().requireText("scoring_func", "sigmoid");
    header.settings().requireText("topk_method", "noaux_tc");
    int groups = header.sizeOr(Field.GROUPS, GROUPS);
    return DeepSeek2Family.model(
        name(),
        header,
        new FeedForward.Router(
            Scoring.SIGMOID,
            header.flag(Field.RENORMALISED, true),
            header.number(Field.EXPERT_SCALE, SCALE),
            false,
            true,
            groups,
            header.sizeOr(Field.ACTIVE_GROUPS, ACTIVE_GROUPS),
            DeepSeek2Family.bestOfGroup(groups),
            false));
  }
}

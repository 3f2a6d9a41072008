package dev.lengthwise.family;

import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.model.ModelSpec;
import java.util.List;
import java.util.Optional;

/// DeepSeek-V3 and what has its layers: DeepSeek-V2 whose router takes `σ` of its logits, and
/// chooses groups by their two best experts with trained corrections. Layers that predict further
/// tokens are left out ([NextTokenLayers]).
final class DeepSeek3Family implements Family {

  private static final String PAIRS = "rope_interleave";

  // What the configuration class means where a header does not say.
  private static final Experts.Silent SILENT = new Experts.Silent(true, 2.5, 8, 4);

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
    return DeepSeek2Family.model(name(), header, Experts.corrected(header, SILENT));
  }
}

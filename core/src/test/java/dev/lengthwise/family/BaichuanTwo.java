package dev.lengthwise.family;

import dev.lengthwise.checkpoint.TensorEntry;
import dev.lengthwise.checkpoint.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// Writes narrow random checkpoints with the vocabulary of Baichuan 2, by which its normalised head
/// is known.
public final class BaichuanTwo {

  /// Rows of the embedding and of the head.
  public static final int VOCABULARY = 125_696;

  /// Name of the head in the file.
  static final String HEAD = "lm_head.weight";

  static final int HIDDEN = 4;

  private final Random random = new Random(5);
  private final List<TensorEntry> tensors = new ArrayList<>();

  private BaichuanTwo() {}

  /// A model with rotary positions.
  ///
  /// @param layers 32 for a model that llama.cpp takes
  /// @return `folder`, which is made
  public static Path write(Path folder, int layers) throws IOException {
    BaichuanTwo model = new BaichuanTwo();
    model.add("model.embed_tokens.weight", VOCABULARY, HIDDEN);
    for (int layer = 0; layer < layers; layer++) {
      String prefix = "model.layers." + layer + ".";
      model.add(prefix + "input_layernorm.weight", HIDDEN);
      model.add(prefix + "self_attn.W_pack.weight", 3 * HIDDEN, HIDDEN);
      model.add(prefix + "self_attn.o_proj.weight", HIDDEN, HIDDEN);
      model.add(prefix + "post_attention_layernorm.weight", HIDDEN);
      model.add(prefix + "mlp.gate_proj.weight", HIDDEN, HIDDEN);
      model.add(prefix + "mlp.up_proj.weight", HIDDEN, HIDDEN);
      model.add(prefix + "mlp.down_proj.weight", HIDDEN, HIDDEN);
    }
    model.add("model.norm.weight", HIDDEN);
    model.add(HEAD, VOCABULARY, HIDDEN);
    Files.createDirectories(folder);
    SafetensorsWriter.writeEntries(
        folder.resolve("model.safetensors"), SafetensorsWriter.TORCH_METADATA, model.tensors);
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"model_type": "baichuan", "architectures": ["BaichuanForCausalLM"], "vocab_size": %d,
         "hidden_size": %d, "intermediate_size": %d, "num_attention_heads": 2, "rms_norm_eps": 1e-5,
         "num_hidden_layers": %d, "max_position_embeddings": 32, "hidden_act": "silu"}
        """
            .formatted(VOCABULARY, HIDDEN, HIDDEN, layers));
    return folder;
  }

  private void add(String name, long... shape) {
    float[] values = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    for (int place = 0; place < values.length; place++) {
      values[place] = (float) (random.nextGaussian() * 0.5 + (shape.length == 1 ? 1 : 0));
    }
    tensors.add(TensorEntry.ofFloats(name, values, shape));
  }
}

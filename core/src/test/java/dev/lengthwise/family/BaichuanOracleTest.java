package dev.lengthwise.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lengthwise.attention.Attention;
import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.attention.vector.VectorAttention;
import dev.lengthwise.checkpoint.TensorEntry;
import dev.lengthwise.checkpoint.safetensors.SafetensorsWriter;
import dev.lengthwise.generate.Sequence;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Outputs of the original Hugging Face code of Baichuan, which nobody here made: a prompt of three
/// tokens and two more from the cache. Its weights are written as a checkpoint and loaded as any.
class BaichuanOracleTest {

  private static final int VOCABULARY = 5;
  private static final int HIDDEN = 32;
  private static final int INNER = 96;

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "7b, max_position_embeddings, vector",
    "7b, max_position_embeddings, reference",
    "13b, model_max_length, vector",
    "13b, model_max_length, reference"
  })
  void oracleIsReproduced(String name, String lengthKey, String engine) throws IOException {
    ByteBuffer file =
        ByteBuffer.wrap(
                Files.readAllBytes(
                    SharedData.file("models/baichuan-oracles/baichuan" + name + "_model.data")))
            .order(ByteOrder.LITTLE_ENDIAN);
    writeCheckpoint(file, lengthKey);
    Attention attention =
        engine.equals("vector") ? new VectorAttention(Running.WORKERS) : new ReferenceAttention();
    try (PointerScope _ = new PointerScope();
        LoadedModel model = Running.load(folder);
        Sequence sequence =
            Running.inference(model, model.spec().declared(), attention).newSequence()) {
      for (int tokens : new int[] {3, 1, 1}) {
        int[] ids = new int[tokens];
        Arrays.setAll(ids, i -> file.getInt());
        float[] expected = floats(file, tokens * HIDDEN);
        FloatBuffer found = sequence.prefill(ids).contiguous().createBuffer();
        float[] hidden = new float[expected.length];
        found.get(hidden);
        assertThat(hidden)
            .as("ids %s", Arrays.toString(ids))
            .containsExactly(expected, within(1e-5f));
      }
    }
    assertThat(file.remaining()).isZero();
  }

  // The order of the data: embedding, ln1, W_pack, o, ln2, gate, down, up, norm.
  private void writeCheckpoint(ByteBuffer file, String lengthKey) throws IOException {
    String layer = "model.layers.0.";
    List<TensorEntry> tensors = new ArrayList<>();
    tensors.add(tensor("model.embed_tokens.weight", file, VOCABULARY, HIDDEN));
    tensors.add(tensor(layer + "input_layernorm.weight", file, HIDDEN));
    tensors.add(tensor(layer + "self_attn.W_pack.weight", file, 3 * HIDDEN, HIDDEN));
    tensors.add(tensor(layer + "self_attn.o_proj.weight", file, HIDDEN, HIDDEN));
    tensors.add(tensor(layer + "post_attention_layernorm.weight", file, HIDDEN));
    tensors.add(tensor(layer + "mlp.gate_proj.weight", file, INNER, HIDDEN));
    tensors.add(tensor(layer + "mlp.down_proj.weight", file, HIDDEN, INNER));
    tensors.add(tensor(layer + "mlp.up_proj.weight", file, INNER, HIDDEN));
    tensors.add(tensor("model.norm.weight", file, HIDDEN));
    SafetensorsWriter.writeEntries(
        folder.resolve("model.safetensors"), SafetensorsWriter.TORCH_METADATA, tensors);
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"model_type": "baichuan", "vocab_size": %d, "hidden_size": %d, "intermediate_size": %d,
         "num_attention_heads": 8, "num_hidden_layers": 1, "rms_norm_eps": 1e-6,
         "hidden_act": "silu", "tie_word_embeddings": true, "%s": 4096}
        """
            .formatted(VOCABULARY, HIDDEN, INNER, lengthKey));
  }

  private static TensorEntry tensor(String name, ByteBuffer file, long... shape) {
    int size = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    return TensorEntry.ofFloats(name, floats(file, size), shape);
  }

  private static float[] floats(ByteBuffer file, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = file.getFloat();
    }
    return values;
  }
}

package dev.lengthwise.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lengthwise.attention.Attention;
import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.attention.vector.VectorAttention;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.generate.Session;
import dev.lengthwise.model.Architecture;
import dev.lengthwise.model.Decoder;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Weights;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.position.MethodText;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.position.PositionMethod;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Outputs of the original Hugging Face code of Baichuan, which nobody here made: a prompt of three
/// tokens and two more from the cache.
class BaichuanOracleTest {

  private static final int VOCABULARY = 5;
  private static final int HIDDEN = 32;
  private static final int INNER = 96;
  private static final int HEADS = 8;

  @ParameterizedTest
  @CsvSource({
    "7b, rope, vector",
    "7b, rope, reference",
    "13b, alibi, vector",
    "13b, alibi, reference"
  })
  void oracleIsReproduced(String name, String method, String engine) throws IOException {
    ByteBuffer file =
        ByteBuffer.wrap(
                Files.readAllBytes(
                    SharedData.file("models/baichuan-oracles/baichuan" + name + "_model.data")))
            .order(ByteOrder.LITTLE_ENDIAN);
    int rotary = method.equals("rope") ? HIDDEN / HEADS : 0;
    ModelShape shape = new ModelShape(1, HEADS, HEADS, HIDDEN / HEADS, rotary, 10_000, 4096);
    PositionMethod declared = Running.METHODS.read(MethodText.read(method), shape);
    ModelSpec spec =
        Architecture.LLAMA.model(
            "baichuan",
            new Architecture.Sizes(VOCABULARY, HIDDEN, INNER, 1e-6, true),
            shape,
            declared);
    try (PointerScope _ = new PointerScope();
        Workers workers = new Workers(2)) {
      Decoder decoder = Decoder.torch(spec, Weights.dense(spec, weights(file), null));
      Attention attention =
          engine.equals("vector") ? new VectorAttention(workers) : new ReferenceAttention();
      InferenceModel inference =
          new InferenceModel(decoder, new PlanFunction(shape, declared, declared), attention);
      try (Session session = inference.newSession()) {
        for (int tokens : new int[] {3, 1, 1}) {
          int[] ids = new int[tokens];
          Arrays.setAll(ids, i -> file.getInt());
          float[] expected = floats(file, tokens * HIDDEN);
          FloatBuffer found = session.prefill(ids).contiguous().createBuffer();
          float[] hidden = new float[expected.length];
          found.get(hidden);
          assertThat(hidden)
              .as("ids %s", Arrays.toString(ids))
              .containsExactly(expected, within(1e-5f));
        }
      }
      assertThat(file.remaining()).isZero();
    }
  }

  // The order of the file: embedding, ln1, W_pack, o, ln2, gate, down, up, norm.
  private static Map<String, Tensor> weights(ByteBuffer file) {
    String layer = "model.layers.0.";
    Map<String, Tensor> weights = new HashMap<>();
    weights.put("model.embed_tokens.weight", tensor(file, VOCABULARY, HIDDEN));
    weights.put(layer + "input_layernorm.weight", tensor(file, HIDDEN));
    for (String name : List.of("q_proj", "k_proj", "v_proj", "o_proj")) {
      weights.put(layer + "self_attn." + name + ".weight", tensor(file, HIDDEN, HIDDEN));
    }
    weights.put(layer + "post_attention_layernorm.weight", tensor(file, HIDDEN));
    weights.put(layer + "mlp.gate_proj.weight", tensor(file, INNER, HIDDEN));
    weights.put(layer + "mlp.down_proj.weight", tensor(file, HIDDEN, INNER));
    weights.put(layer + "mlp.up_proj.weight", tensor(file, INNER, HIDDEN));
    weights.put("model.norm.weight", tensor(file, HIDDEN));
    return weights;
  }

  private static Tensor tensor(ByteBuffer file, long... shape) {
    int size = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    return Tensor.create(floats(file, size)).view(shape);
  }

  private static float[] floats(ByteBuffer file, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = file.getFloat();
    }
    return values;
  }
}

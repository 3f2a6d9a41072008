package dev.lengthwise.family;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.attention.Attention;
import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.attention.vector.VectorAttention;
import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.checkpoint.TensorEntry;
import dev.lengthwise.checkpoint.safetensors.SafetensorsWriter;
import dev.lengthwise.generate.Logits;
import dev.lengthwise.generate.Sequence;
import dev.lengthwise.matrix.ActivationPrecision;
import dev.lengthwise.matrix.WeightType;
import dev.lengthwise.model.Slot;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A random Llama whose rows are whole blocks of 256 is written, quantised and loaded.
class QuantisedModelTest {

  private static final int HIDDEN = 256;
  private static final int INNER = 512;
  private static final int KEY_ROWS = 128;
  private static final int VOCABULARY = 64;
  private static final String CONFIG =
      """
      {"model_type": "llama", "hidden_size": 256, "intermediate_size": 512,
       "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
       "vocab_size": 64, "rms_norm_eps": 1e-5, "max_position_embeddings": 64}
      """;

  /// In units of the greatest logit: what f32 sums in other orders may differ by.
  private static final double ROUNDING = 2e-5;

  @TempDir Path folder;

  private final SplittableRandom random = new SplittableRandom(1);
  private final List<TensorEntry> tensors = new ArrayList<>();
  private final int[] ids = random.ints(40, 0, VOCABULARY).toArray();

  @BeforeEach
  void writeModel() throws IOException {
    add("model.embed_tokens", 1, VOCABULARY, HIDDEN);
    for (int layer = 0; layer < 2; layer++) {
      String prefix = "model.layers." + layer + ".";
      add(prefix + "input_layernorm", 1, HIDDEN);
      add(prefix + "self_attn.q_proj", 0.1, HIDDEN, HIDDEN);
      add(prefix + "self_attn.k_proj", 0.1, KEY_ROWS, HIDDEN);
      add(prefix + "self_attn.v_proj", 0.1, KEY_ROWS, HIDDEN);
      add(prefix + "self_attn.o_proj", 0.1, HIDDEN, HIDDEN);
      add(prefix + "post_attention_layernorm", 1, HIDDEN);
      add(prefix + "mlp.gate_proj", 0.1, INNER, HIDDEN);
      add(prefix + "mlp.up_proj", 0.1, INNER, HIDDEN);
      add(prefix + "mlp.down_proj", 0.1, HIDDEN, INNER);
    }
    add("model.norm", 1, HIDDEN);
    add("lm_head", 0.1, VOCABULARY, HIDDEN);
    Files.createDirectories(original());
    Files.writeString(original().resolve("config.json"), CONFIG);
    SafetensorsWriter.writeEntries(
        original().resolve("model.safetensors"), SafetensorsWriter.TORCH_METADATA, tensors);
  }

  private void add(String name, double scale, long... shape) {
    float[] values = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * scale);
    }
    MemorySegment data = MemorySegment.ofArray(values);
    tensors.add(new TensorEntry(name + ".weight", DataType.F32, shape, data));
  }

  private Path original() {
    return folder.resolve("original");
  }

  private Path quantised(DataType type) {
    Path file = folder.resolve("quantised.gguf");
    GgufExportTest.export(original(), file, type);
    return file;
  }

  private float[] logits(Path path, Attention engine) {
    try (LoadedModel model = Running.load(path)) {
      return Running.logits(model, engine, ids);
    }
  }

  private static double difference(float[] found, float[] expected) {
    assertThat(found).hasSameSizeAs(expected);
    double greatest = 0;
    double difference = 0;
    for (int i = 0; i < found.length; i++) {
      greatest = Math.max(greatest, Math.abs(expected[i]));
      difference = Math.max(difference, Math.abs(found[i] - expected[i]));
    }
    return difference / greatest;
  }

  @ParameterizedTest
  @EnumSource(names = {"Q8_0", "Q6_K", "Q4_K", "Q4_0"})
  void logitsAreThoseOfTheDecodedWeights(DataType type) {
    Path file = quantised(type);
    try (LoadedModel model = Running.load(file)) {
      assertThat(model.weightTypes()).containsExactly(WeightType.valueOf(type.name()));
      ModelHeader header =
          ModelHeader.read(file, Running.METHODS, null, false, true, ActivationPrecision.Q8);
      assertThat(header.types()).isEqualTo(model.copiedTypes());
      assertThat(model.spec().multiplies(Slot.HEAD)).isTrue();
      assertThat(model.spec().multiplies(Slot.EMBEDDING)).as("it has a head of its own").isFalse();
    }
    Path decoded = folder.resolve("decoded.gguf");
    GgufExportTest.export(file, decoded, DataType.F32);

    float[] expected = logits(decoded, new ReferenceAttention());
    float[] found = logits(file, new VectorAttention(Running.WORKERS));
    assertThat(difference(found, expected)).isLessThan(ROUNDING);
    assertThat(difference(oneByOne(file), expected)).isLessThan(ROUNDING);
    assertThat(difference(found, logits(original(), new ReferenceAttention())))
        .as("what quantising itself changes")
        .isGreaterThan(10 * ROUNDING);
  }

  // Decoding takes other kernels than reading a text does.
  private float[] oneByOne(Path path) {
    float[] logits = new float[ids.length * VOCABULARY];
    try (LoadedModel model = Running.load(path);
        Sequence sequence =
            Running.inference(model, model.spec().declared(), new VectorAttention(Running.WORKERS))
                .newSequence()) {
      for (int n = 0; n < ids.length; n++) {
        try (PointerScope _ = new PointerScope()) {
          float[] next = Logits.toArray(sequence.logits(sequence.decode(ids[n])));
          System.arraycopy(next, 0, logits, n * VOCABULARY, VOCABULARY);
        }
      }
    }
    return logits;
  }
}

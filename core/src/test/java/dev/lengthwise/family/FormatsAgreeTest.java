package dev.lengthwise.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.matrix.WeightType;
import dev.lengthwise.model.Slot;
import dev.lengthwise.model.WeightId;
import java.nio.file.Path;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The same weights give the same logits from every format, whatever its rotary layout.
class FormatsAgreeTest {

  private static final int[] IDS = {1, 4, 2, 10, 7, 3, 3, 0, 9, 5, 6, 8};
  private static final Offset<Float> CLOSE = within(1e-5f);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void safetensorsGgufAndLlama2cGiveEqualLogits(boolean tied) {
    TinyModel model = new TinyModel(1, tied, false);
    float[] expected =
        logits(
            model.writeSafetensors(
                folder, TinyModel.config("llama", ", \"tie_word_embeddings\": " + tied)));
    assertThat(expected).hasSize(IDS.length * TinyModel.VOCABULARY);
    assertThat(logits(model.writeGguf(folder.resolve("a.gguf"), "llama", true, Map.of())))
        .containsExactly(expected, CLOSE);
    assertThat(logits(model.writeLlama2c(folder.resolve("a.bin"))))
        .containsExactly(expected, CLOSE);
    assertThat(logits(model.writeGguf(folder.resolve("b.gguf"), "llama", false, Map.of())))
        .as("rows that are not permuted must matter")
        .satisfies(values -> assertThat(difference(values, expected)).isGreaterThan(1e-2));
  }

  @Test
  void qwenHasBiasesAndHalfSplitPairsInBothFormats() {
    TinyModel model = new TinyModel(2, false, true);
    float[] expected = logits(model.writeSafetensors(folder, TinyModel.config("qwen2", "")));
    assertThat(logits(model.writeGguf(folder.resolve("a.gguf"), "qwen2", false, Map.of())))
        .containsExactly(expected, CLOSE);
    assertThat(logits(model.writeGguf(folder.resolve("b.gguf"), "llama", true, Map.of())))
        .as("biases are permuted with their rows")
        .containsExactly(expected, CLOSE);
  }

  @Test
  void baseAndScalingAreReadFromBothFormats() {
    TinyModel model = new TinyModel(3, true, false);
    String more =
        ", \"tie_word_embeddings\": true, \"rope_theta\": 500,"
            + " \"rope_scaling\": {\"type\": \"linear\", \"factor\": 4}";
    float[] expected = logits(model.writeSafetensors(folder, TinyModel.config("llama", more)));
    Map<String, Float> settings = Map.of("rope.freq_base", 500f, "rope.scale_linear", 4f);
    assertThat(logits(model.writeGguf(folder.resolve("a.gguf"), "llama", true, settings)))
        .containsExactly(expected, CLOSE);
  }

  @Test
  void frequencyFactorsOfGgufDivideTheFrequencies() {
    TinyModel model = new TinyModel(4, true, false);
    String config =
        TinyModel.config(
            "llama",
            ", \"tie_word_embeddings\": true,"
                + " \"rope_scaling\": {\"type\": \"linear\", \"factor\": 4}");
    float[] expected = logits(model.writeSafetensors(folder, config));
    model.weights.put(
        "rope_freqs.weight", new TinyModel.Weight(new long[] {2}, new float[] {4, 4}));
    assertThat(logits(model.writeGguf(folder.resolve("a.gguf"), "llama", true, Map.of())))
        .containsExactly(expected, CLOSE);
  }

  @Test
  void halfPrecisionProjectionsAreClose() {
    TinyModel model = new TinyModel(5, false, false);
    Path path = model.writeSafetensors(folder, TinyModel.config("llama", ""));
    float[] expected = logits(path);
    try (LoadedModel loaded =
        ModelLoader.load(path, Running.METHODS, Precision.BF16, Running.WORKERS)) {
      float[] found = Running.logits(loaded, new ReferenceAttention(), IDS);
      assertThat(difference(found, expected)).isBetween(1e-5, 1.0);
      Tensor norm = loaded.decoder().weights().vector(WeightId.of(Slot.LAST_NORM));
      assertThat(norm.scalar_type().intern()).isEqualTo(Precision.F32.type());
      assertThat(loaded.weightTypes()).containsExactly(WeightType.BF16);
    }
  }

  private static float[] logits(Path path) {
    try (LoadedModel model = Running.load(path)) {
      return Running.logits(model, new ReferenceAttention(), IDS);
    }
  }

  private static double difference(float[] one, float[] other) {
    double greatest = 0;
    for (int i = 0; i < one.length; i++) {
      greatest = Math.max(greatest, Math.abs(one[i] - other[i]));
    }
    return greatest;
  }
}

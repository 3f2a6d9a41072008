package dev.lengthwise.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.attention.Attention;
import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.attention.vector.VectorAttention;
import dev.lengthwise.generate.Sequence;
import dev.lengthwise.position.ModelShape;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// GPT-NeoX files against [TinyNeox#logits], which shares no code with the decoder.
class GptNeoxFamilyTest {

  private static final int[] IDS = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7};

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "true, true, 0.5, false",
    "false, true, 0.25, false",
    "true, false, 1, true",
    "false, false, 0.5, false"
  })
  void logitsAreThoseOfThePlainFormulas(
      boolean parallel, boolean biased, double share, boolean tied) {
    TinyNeox neox = new TinyNeox(7, parallel, biased, share, tied);
    float[] expected = floats(neox.logits(IDS));
    try (LoadedModel model = Running.load(neox.write(folder, neox.config("")))) {
      for (Attention engine :
          new Attention[] {
            new ReferenceAttention(), new TorchAttention(), new VectorAttention(Running.WORKERS)
          }) {
        assertThat(Running.logits(model, engine, IDS)).containsExactly(expected, within(3e-5f));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void readingInChunksIsReadingAtOnce(int chunk) {
    TinyNeox neox = new TinyNeox(8, true, true, 0.5, false);
    float[] expected = floats(neox.logits(IDS));
    try (LoadedModel model = Running.load(neox.write(folder, neox.config("")));
        Sequence sequence =
            Running.inference(model, model.spec().declared(), new VectorAttention(Running.WORKERS))
                .newSequence();
        PointerScope _ = new PointerScope()) {
      float[] found = new float[expected.length];
      sequence.read(
          IDS,
          chunk,
          (first, hidden) -> {
            FloatBuffer logits = sequence.logits(hidden).contiguous().createBuffer();
            logits.get(found, first * TinyNeox.VOCABULARY, logits.remaining());
          });
      assertThat(found).containsExactly(expected, within(3e-5f));
    }
  }

  @Test
  void positionsAreReadInBothSpellings() {
    TinyNeox neox = new TinyNeox(9, true, true, 0.5, false);
    String yarn = ", \"rope_scaling\": {\"rope_type\": \"yarn\", \"factor\": 4}";
    try (LoadedModel model = Running.load(neox.write(folder.resolve("old"), neox.config(yarn)))) {
      assertThat(model.spec().shape()).isEqualTo(new ModelShape(2, 2, 2, 8, 4, 500, 32));
      assertThat(model.spec().declared().name()).startsWith("yarn:factor=4,original=32");
    }
    String parameters =
        ", \"rope_parameters\": {\"rope_type\": \"default\", \"rope_theta\": 700,"
            + " \"partial_rotary_factor\": 0.25}";
    try (LoadedModel model =
        Running.load(neox.write(folder.resolve("new"), neox.config(parameters)))) {
      assertThat(model.spec().shape()).isEqualTo(new ModelShape(2, 2, 2, 8, 2, 700, 32));
      assertThat(model.spec().declared().name()).isEqualTo("rope");
    }
  }

  @Test
  void silentConfigurationMeansWhatHuggingFaceMeans() {
    TinyNeox neox = new TinyNeox(9, true, true, 0.25, false);
    String config =
        """
        {"model_type": "gpt_neox", "vocab_size": 11, "hidden_size": 16, "intermediate_size": 24,
         "num_hidden_layers": 2, "num_attention_heads": 2}
        """;
    try (LoadedModel model = Running.load(neox.write(folder, config))) {
      assertThat(model.spec().shape()).isEqualTo(new ModelShape(2, 2, 2, 8, 2, 10_000, 2048));
      assertThat(model.spec().lastNorm().epsilon()).isEqualTo(1e-5);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"hidden_act\": \"gelu\" | \"hidden_act\": \"glu\" | must be one of silu",
        "\"num_attention_heads\": 2 | \"num_attention_heads\": 3 | must be a divisor of"
            + " the hidden size",
        "\"rotary_pct\": 0.5 | \"rotary_pct\": 0.4 | must be an even number",
        "\"rotary_pct\": 0.5 | \"rotary_pct\": 1.5 | must be above 0 and at most 1, found 1.5",
        "\"attention_bias\": true | \"attention_bias\": false | does not have: gpt_neox.layers.0",
      })
  void whatDoesNotFitIsRefused(String part, String other, String message) {
    TinyNeox neox = new TinyNeox(9, true, true, 0.5, false);
    String config = neox.config("");
    assertThat(config).contains(part);
    Path written = neox.write(folder, config.replace(part, other));
    assertThatThrownBy(() -> Running.load(written))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining(message);
  }

  private static float[] floats(double[][] rows) {
    double[] all = Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    float[] floats = new float[all.length];
    for (int index = 0; index < all.length; index++) {
      floats[index] = (float) all[index];
    }
    return floats;
  }
}

package dev.lengthwise.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.model.Slot;
import dev.lengthwise.model.WeightId;
import dev.lengthwise.model.Weights;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanParts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a header and its tensors must say, and what a loaded model says of itself.
class ModelLoaderTest {

  private static final String QUERY = "model.layers.1.self_attn.q_proj.weight";

  @TempDir Path folder;

  private final TinyModel model = new TinyModel(7, false, false);

  private LoadedModel load(String config) {
    return Running.load(model.writeSafetensors(folder, config));
  }

  private void assertRefused(String config, String... parts) {
    assertThatThrownBy(() -> load(config).close())
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll(parts);
  }

  private static String llama(String more) {
    return TinyModel.config("llama", more);
  }

  @Test
  void modelSaysWhatItIs() {
    try (LoadedModel loaded = load(llama(", \"rope_theta\": 5000"))) {
      assertThat(loaded.spec().shape()).isEqualTo(new ModelShape(2, 4, 2, 4, 4, 5000, 32));
      assertThat(loaded.spec().declared().name()).isEqualTo("rope");
      assertThat(loaded.spec().family()).isEqualTo("llama");
      assertThat(loaded.spec().lastNorm().epsilon()).isEqualTo(1e-5);
      assertThat(loaded.name()).isEqualTo(folder.getFileName().toString());
      assertThat(loaded.path()).isEqualTo(folder);
      assertThat(loaded.sha256()).hasSize(64);
    }
  }

  @Test
  void wrongShapeNamesTensorAndBothShapes() {
    model.weights.put(QUERY, new TinyModel.Weight(new long[] {8, 32}, new float[256]));
    assertRefused(llama(""), QUERY, "expected [16, 16]", "found [8, 32]", "model");
  }

  @Test
  void missingTensorIsNamed() {
    model.weights.remove(QUERY);
    assertRefused(llama(""), QUERY);
  }

  @Test
  void missingHeadIsRefusedUnlessTied() {
    model.weights.remove("lm_head.weight");
    assertRefused(llama(""), "lm_head.weight");
    try (LoadedModel loaded = load(llama(", \"tie_word_embeddings\": true"))) {
      Weights weights = loaded.decoder().weights();
      assertThat(weights.projection(WeightId.of(Slot.HEAD)))
          .isEqualTo(weights.projection(WeightId.of(Slot.EMBEDDING)));
    }
  }

  @ParameterizedTest
  @CsvSource({"NaN, NaN", "Infinity, infinite", "-Infinity, infinite"})
  void weightsThatAreNotFiniteAreRefused(float value, String word) {
    Objects.requireNonNull(model.weights.get(QUERY)).values()[37] = value;
    assertRefused(llama(""), QUERY, word);
  }

  @Test
  void otherNumberOfLayersIsRefused() {
    assertRefused(
        llama("").replace("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1"),
        "says 1 layers",
        "of 2");
    assertRefused(
        llama("").replace("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3"),
        "says 3 layers",
        "of 2");
  }

  @Test
  void vocabularyMustBeThatOfTheEmbedding() {
    assertRefused(
        llama("").replace("\"vocab_size\": 11", "\"vocab_size\": 12"),
        "model.embed_tokens.weight",
        "[12, 16]",
        "[11, 16]");
  }

  @Test
  void leftOverTensorsAreRefused() {
    TinyModel biased = new TinyModel(8, false, true);
    assertThatThrownBy(() -> Running.load(biased.writeSafetensors(folder, llama(""))))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll("6 tensors", "q_proj.bias");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "hidden_size": 16         | "hidden_size": -1          | hidden_size
          "hidden_size": 16         | "hidden_size": "16"        | hidden_size
          "hidden_size": 16         | "hidden_size": 16.5        | hidden_size
          "hidden_size": 16         | "x": 1                     | hidden_size
          "num_hidden_layers": 2    | "num_hidden_layers": 2e9   | num_hidden_layers
          "num_key_value_heads": 2  | "num_key_value_heads": 3   | must be a divisor of the number of heads, 4
          "num_key_value_heads": 2  | "head_dim": 3              | must be an even number
          "rms_norm_eps": 1e-5      | "rms_norm_eps": -1         | epsilon of a norm must be at least 0
          "rms_norm_eps": 1e-5      | "hidden_act": "gelu_10"    | must be one of silu, swish, gelu
          "model_type": "llama"     | "model_type": "granitemoehybrid" | layers with a state space are not supported
          "model_type": "llama"     | "model_type": "mamba"      | "mamba"; known types:
          """)
  void oddHeadersAreRefused(String from, String to, String message) {
    assertRefused(llama("").replace(from, to), message);
  }

  @Test
  void fileWithoutConfigIsAnError() throws IOException {
    model.writeSafetensors(folder, llama(""));
    Files.delete(folder.resolve("config.json"));
    assertThatThrownBy(() -> Running.load(folder))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("config.json");
  }

  @Test
  void unsupportedFamilyIsNamed() {
    assertRefused(TinyModel.config("rwkv", ""), "rwkv", "known types", "gptj");
  }

  /// The real file has no head either, but no more than one sentence is needed.
  @Test
  void realFileWithMoreLayersThanItsHeaderSaysIsRefused() {
    Path model = SharedData.file("models/gptj-tiny-random"); // skips where it is absent
    assertThatThrownBy(() -> Running.load(model))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll("says 1 layers", "holds the tensors of 5");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          mistral | , "sliding_window": 8    | window:window=8 over rope
          mistral | , "sliding_window": null | rope
          mistral |                          | window:window=4096 over rope
          qwen2   | , "sliding_window": 8, "use_sliding_window": false | rope
          qwen2   | , "sliding_window": 8, "use_sliding_window": true, "max_window_layers": 0 | window:window=8 over rope
          qwen2   | , "sliding_window": 8, "use_sliding_window": true, "max_window_layers": 2 | rope
          llama   | , "sliding_window": 8    | rope
          llama   | , "length_extrapolation": {"method": "lm-infinite", "local": 16, "global": 4} | lm-infinite:local=16,global=4,ceiling=16 over rope
          llama   | , "rope_scaling": {} | rope
          llama   | , "rope_scaling": {"type": "linear", "factor": 4}, "length_extrapolation": {"method": "lm-infinite", "local": 16.0, "global": 4} | linear:factor=4+lm-infinite:local=16,global=4,ceiling=16
          llama   | , "rope_scaling": {"type": "linear", "factor": 4}, "length_extrapolation": {"method": "ntk", "factor": 2} | ntk:factor=2
          lengthwise | , "length_extrapolation": {"method": "nope"} | nope
          lengthwise | , "length_extrapolation": {"method": "sandwich", "channels": 16} | sandwich:channels=16
          lengthwise | , "length_extrapolation": {"method": "rope+log-n:base=16,minimum=0.5"} | rope+log-n:base=16,minimum=0.5
          lengthwise | , "length_extrapolation": {"method": [{"method": "rope"}, {"method": "log-n", "base": 16}]} | rope+log-n:base=16,minimum=1
          mistral | , "length_extrapolation": {"method": "window", "window": 8, "over": {"method": "rope"}} | window:window=8 over rope
          """)
  void windowsAndOwnBlocksBecomeTheDeclaredMethod(String type, String more, String method) {
    TinyModel tiny = new TinyModel(9, false, type.equals("qwen2"));
    String config = TinyModel.config(type, more == null ? "" : more);
    try (LoadedModel loaded = Running.load(tiny.writeSafetensors(folder, config))) {
      assertThat(loaded.spec().declared().name()).isEqualTo(method);
      PlanParts parts = loaded.spec().declared().parts(loaded.spec().shape(), 0, 32);
      assertThat(parts.rotary()).as("frequencies are never lost").isNotNull();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"local": 4}                               | "method"
          {"method": "lm-infinit"}                   | lm-infinit
          {"method": "lm-infinite", "lokal": 4}      | lokal
          {"method": "lm-infinite", "local": {}}     | "local"
          """)
  void oddOwnBlocksAreRefused(String block, String message) {
    assertRefused(llama(", \"length_extrapolation\": " + block), message);
  }

  @Test
  void fusedProjectionOfBaichuanIsTakenApart() {
    TinyModel plain = new TinyModel(10, false, false);
    for (int layer = 0; layer < TinyModel.LAYERS; layer++) {
      String prefix = "model.layers." + layer + ".self_attn.";
      float[] square = Objects.requireNonNull(plain.weights.get(prefix + "q_proj.weight")).values();
      float[] fused = new float[3 * square.length];
      for (int part = 0; part < 3; part++) {
        for (int i = 0; i < square.length; i++) {
          fused[part * square.length + i] = square[i] * (part + 1);
        }
      }
      for (String part : new String[] {"q_proj", "k_proj", "v_proj"}) {
        float[] values = Arrays.copyOfRange(fused, 0, square.length);
        for (int i = 0; i < values.length; i++) {
          values[i] *= part.equals("q_proj") ? 1 : part.equals("k_proj") ? 2 : 3;
        }
        plain.weights.put(
            prefix + part + ".weight", new TinyModel.Weight(new long[] {16, 16}, values));
      }
      model.weights.keySet().removeIf(name -> name.matches(".*[qkv]_proj.*"));
      model.weights.put(prefix + "W_pack.weight", new TinyModel.Weight(new long[] {48, 16}, fused));
    }
    plain.weights.forEach(
        (name, weight) -> {
          if (!name.matches(".*[qkv]_proj.*")) {
            model.weights.put(name, weight);
          }
        });
    String llama = llama("").replace("\"num_key_value_heads\": 2", "\"num_key_value_heads\": 4");
    float[] expected;
    try (LoadedModel loaded = Running.load(plain.writeSafetensors(folder.resolve("a"), llama))) {
      expected = Running.logits(loaded, new ReferenceAttention(), 1, 2, 3, 4, 5);
    }
    Path fused = model.writeSafetensors(folder.resolve("b"), TinyModel.config("baichuan", ""));
    try (LoadedModel loaded = Running.load(fused)) {
      assertThat(Running.logits(loaded, new ReferenceAttention(), 1, 2, 3, 4, 5))
          .containsExactly(expected, within(1e-5f));
      assertThat(loaded.spec().declared().name()).isEqualTo("rope");
    }
    String alibi =
        TinyModel.config("baichuan", "").replace("max_position_embeddings", "model_max_length");
    try (LoadedModel loaded = Running.load(model.writeSafetensors(folder.resolve("c"), alibi))) {
      assertThat(loaded.spec().declared().name()).isEqualTo("alibi:max=8,factor=1");
      assertThat(loaded.spec().shape().hasRotary()).isFalse();
      assertThat(loaded.spec().shape().trainedLength()).isEqualTo(32);
    }
  }

  @Test
  void ggufWithoutTheExpertsOfATokenAndOfAnUnknownFamilyIsRefused() {
    Path experts =
        model.writeGguf(folder.resolve("a.gguf"), "llama", true, Map.of("expert_count", 8f));
    assertThatThrownBy(() -> Running.load(experts))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("expert_used_count");
    Path other = model.writeGguf(folder.resolve("b.gguf"), "rwkv7", true, Map.of());
    assertThatThrownBy(() -> Running.load(other))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll("general.architecture", "rwkv7", "llama");
  }

  @Test
  void aModelOfAHubsCacheHasItsOwnName() {
    Path snapshots = Path.of("hub", "models--org--some-model", "snapshots");
    assertThat(ModelLoader.nameOf(snapshots.resolve("0123abcd"))).isEqualTo("some-model");
    assertThat(ModelLoader.nameOf(snapshots.resolve("0123abcd").resolve("m.gguf")))
        .isEqualTo("m.gguf");
    assertThat(ModelLoader.nameOf(Path.of("a", "snapshots", "b"))).isEqualTo("b");
  }
}

package dev.lengthwise.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.checkpoint.open.Checkpoints;
import dev.lengthwise.model.ModelFiles;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Projection;
import dev.lengthwise.model.WeightId;
import dev.lengthwise.model.WeightList;
import dev.lengthwise.model.WeightSpec;
import dev.lengthwise.model.Weights;
import dev.lengthwise.position.ScoreScale;
import dev.lengthwise.torch.ComputeDevice;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Models of every family come back from the files that are written of them, and mean the same in
/// every spelling of their headers. The models are those of [HuggingFaceWitnessTest].
class FamilyFilesTest {

  private static final int[] IDS = {1, 4, 2, 10, 7, 3, 3, 0, 9, 5, 6, 8};

  @TempDir Path folder;

  private static Path model(String name) {
    return SharedData.file("families-hf/" + name);
  }

  private static ModelSpec spec(Checkpoint checkpoint) {
    Families.Found found = Families.of(checkpoint);
    return found.family().spec(new Header(checkpoint, found.format(), Running.METHODS));
  }

  private static ModelSpec spec(Path path) {
    try (Checkpoint checkpoint = Checkpoints.open(path)) {
      return spec(checkpoint);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bloom", "falcon-alibi", "falcon-gqa", "falcon-mq", "gpt2", "gpt_neox", "gpt_neox-seq",
        "gptj-1", "gptj-2", "mpt-3h", "mpt-4h", "mpt-6h", "stablelm", "stablelm-qk"
      })
  void theNewestSpellingOfAHeaderMeansTheSame(String name) throws IOException {
    Path newest = SharedData.file("families-hf/v5-config/" + name + ".config.json");
    assertThat(spec(new HeaderOnly((ObjectNode) Witness.json(newest))))
        .isEqualTo(spec(model(name)));
  }

  private static ObjectNode config(String name) throws IOException {
    return (ObjectNode) Witness.json(model(name).resolve("config.json"));
  }

  @ParameterizedTest
  @CsvSource({
    "bloom, hidden_size, n_embed",
    "bloom, n_layer, num_hidden_layers",
    "bloom, n_head, num_attention_heads",
    "falcon-gqa, num_hidden_layers, n_layer",
    "falcon-gqa, num_attention_heads, n_head",
    "falcon-gqa, num_kv_heads, n_head_kv",
    "stablelm-qk, partial_rotary_factor, rope_pct",
  })
  void anotherNameOfAKeyMeansTheSame(String name, String key, String other) throws IOException {
    ObjectNode config = config(name);
    config.set(other, config.remove(key));
    assertThat(spec(new HeaderOnly(config))).isEqualTo(spec(model(name)));
  }

  @Test
  void gptTwoMayScaleScoresByLayer() throws IOException {
    ObjectNode config = config("gpt2").put("scale_attn_by_inverse_layer_idx", true);
    assertThat(spec(new HeaderOnly(config)).scores(2, new double[0]).scale())
        .isEqualTo(new ScoreScale.Constant(1.0 / 3));
  }

  @Test
  void mptWithoutAlibiLearnsPlaces() throws IOException {
    ObjectNode config = config("mpt-3h");
    ((ObjectNode) config.get("attn_config")).put("alibi", false);
    config.put("learned_pos_emb", true);
    ModelSpec spec = spec(new HeaderOnly(config));
    assertThat(spec.embedding().places()).isEqualTo(64);
    assertThat(spec.declared().name()).isEqualTo("nope");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gptj-1 | activation_function | mish | one of silu, swish, gelu",
        "gpt2 | n_head | 5 | a divisor of the hidden size, 36",
        "falcon-gqa | num_kv_heads | 3 | a divisor of the number of heads, 4",
        "mpt-3h | norm_type | rmsnorm | one of low_precision_layernorm, layernorm",
        "mpt-3h | logit_scale | inv_sqrt_d_model | null, the only value supported",
      })
  void oddValuesAreRefused(String name, String key, String value, String expected)
      throws IOException {
    ObjectNode config = config(name);
    config.set(
        key, value.matches("\\d+|true") ? new ObjectMapper().readTree(value) : new TextNode(value));
    assertThatThrownBy(() -> spec(new HeaderOnly(config)))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll(key, expected, value);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "opt | word_embed_proj_dim | 8 | the hidden size, 16, the only one supported",
        "gpt_neo | attention_types | [[['local'], 2]] | repetitions] for 3 layers",
        "gpt_neo | attention_types | [[['near'], 3]] | repetitions] for 3 layers",
        "granitemoehybrid | layer_types | ['mamba', 'attention'] | a state space are not supported",
        "llama-gelu | hidden_act | \"mish\" | one of silu, swish, gelu",
        "deepseek_v2 | rope_parameters | {'rope_type': 'linear', 'factor': 2, 'mscale_all_dim': 1}"
            + " | no such key without the scaling yarn",
      })
  void oddValuesOfCommittedModelsAreRefused(String name, String key, String value, String expected)
      throws IOException {
    ObjectNode config = Witness.json(Witness.resource("hf/" + name + "/config.json")).deepCopy();
    config.set(key, new ObjectMapper().readTree(value.replace('\'', '"')));
    assertThatThrownBy(() -> spec(new HeaderOnly(config)))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll(key, expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bloom", "falcon-alibi", "falcon-gqa", "falcon-mq", "gpt2", "gpt_neox", "gpt_neox-seq",
        "gptj-1", "gptj-2", "mpt-3h", "mpt-4h", "mpt-6h", "stablelm", "stablelm-qk"
      })
  void aSharedModelIsWrittenAsItWasRead(String name) {
    assertWrittenAsRead(model(name), false);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "arcee",
        "bloom-normed",
        "deepseek_v2-bias",
        "dots1",
        "ernie4_5",
        "glm",
        "glm4_moe",
        "gpt_bigcode",
        "gpt_neo",
        "granitemoehybrid",
        "granitemoehybrid-experts",
        "granitemoeshared",
        "helium",
        "llama-gelu",
        "ministral",
        "mistral-relu2",
        "olmoe-clip",
        "opt",
        "opt-after",
        "phi-normed",
        "qwen2_moe-bare",
        "seed_oss"
      })
  void aModelIsWrittenAsItWasRead(String name) {
    assertWrittenAsRead(Witness.resource("hf/" + name), false);
  }

  /// Pairs of DeepSeek-V3 are neighbours, and layers of SmolLM3 turn in its own order, unless a
  /// header says otherwise.
  @ParameterizedTest
  @ValueSource(
      strings = {"deepseek_v3-halves", "gpt_bigcode-heads", "granitemoehybrid", "smollm3-window"})
  void aModelIsWrittenInTheWordsOfTheHeaderThatItBeganWith(String name) {
    assertWrittenAsRead(Witness.resource("hf/" + name), true);
  }

  private static void assertWrittenAsRead(Path model, boolean withHeader) {
    try (Checkpoint stored = Checkpoints.open(model);
        LoadedModel loaded =
            ModelLoader.loadDense(
                model, Running.METHODS, Precision.F32, Running.WORKERS, ComputeDevice.CPU)) {
      ModelSpec spec = loaded.spec();
      HuggingFaceWriter writer = new HuggingFaceWriter(Running.METHODS);
      Map<String, Tensor> weights = byName(spec, loaded.decoder().weights());
      ModelFiles.Written written =
          withHeader ? writer.write(stored.header(), weights) : writer.write(spec, weights);
      assertThat(written.config().path("model_type").asText())
          .isEqualTo(stored.header().path("model_type").asText());
      assertThat(spec(new HeaderOnly(written.config()))).isEqualTo(spec);
      assertThat(written.tensors().keySet()).isEqualTo(stored.tensors().keySet());
      written
          .tensors()
          .forEach(
              (tensor, value) -> {
                assertThat(value.sizes().vec().get()).isEqualTo(stored.tensor(tensor).shape());
                float[] numbers = new float[(int) value.numel()];
                value.contiguous().<FloatBuffer>createBuffer().get(numbers);
                assertThat(numbers).as(tensor).isEqualTo(stored.tensor(tensor).toFloats());
              });
    }
  }

  private static Map<String, Tensor> byName(ModelSpec spec, Weights weights) {
    Map<String, Tensor> all = new LinkedHashMap<>();
    for (WeightSpec weight : WeightList.of(spec)) {
      WeightId id = weight.id();
      boolean matrix = weight.role().isMatrix();
      Tensor found =
          matrix ? ((Projection.Dense) weights.projection(id)).weight() : weights.vector(id);
      all.put(weight.name(), found);
    }
    return all;
  }

  /// Where the file's GELU is the exact one, llama.cpp's tanh form is up to 0.003 away.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "bloom",
        "falcon-gqa",
        "falcon-mq",
        "gpt2",
        "gpt_neox",
        "gpt_neox-seq",
        "mpt-3h",
        "mpt-4h",
        "stablelm",
        "stablelm-qk"
      })
  void aGgufFileOfAModelComputesTheSame(String name) {
    Path out = folder.resolve(name + ".gguf");
    boolean remarked =
        GgufExportTest.export(model(name), out, DataType.F32).stream()
            .anyMatch(remark -> remark.contains("GELU"));
    assertThat(logits(out)).containsExactly(logits(model(name)), within(remarked ? 0.01f : 1e-5f));
  }

  private static float[] logits(Path path) {
    try (LoadedModel model = Running.load(path)) {
      return Running.logits(model, new ReferenceAttention(), IDS);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"falcon-alibi", "mpt-6h", "gptj-1"})
  void whatLlamaCppDoesNotComputeIsNotWrittenForIt(String name) {
    Path model = model(name); // Skips where the shared data is absent.
    assertThatThrownBy(() -> GgufExportTest.export(model, folder.resolve("x"), DataType.F32))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll(name, "llama.cpp");
  }
}

package dev.lengthwise.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.checkpoint.gguf.GgufTensor;
import dev.lengthwise.checkpoint.gguf.GgufTypes;
import dev.lengthwise.checkpoint.gguf.GgufWriter;
import dev.lengthwise.checkpoint.open.Checkpoints;
import dev.lengthwise.parallel.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A model gives the same logits after it was written as GGUF.
class GgufExportTest {

  private static final int[] IDS = {1, 4, 2, 10, 7, 3, 3, 0, 9, 5, 6, 8};
  private static final Offset<Float> CLOSE = within(1e-5f);

  @TempDir Path folder;

  /// Writes `model` as F32 and returns what the file cannot say.
  private static List<String> export(Path model, Path out) {
    return export(model, out, DataType.F32);
  }

  /// Writes `model` as `type` and returns what the file cannot say.
  static List<String> export(Path model, Path out, DataType type) {
    GgufTypes types = new GgufTypes(type);
    try (Checkpoint checkpoint = Checkpoints.open(model);
        Workers workers = new Workers(2)) {
      GgufParts parts = GgufExport.of(checkpoint, Running.METHODS);
      List<GgufTensor> tensors =
          parts.tensors().stream()
              .map(part -> new GgufTensor(part.name(), types.of(part.source()), part.source()))
              .toList();
      new GgufWriter(workers, _ -> {}).write(out, parts.metadata(), tensors);
      return parts.remarks();
    }
  }

  private void assertSameLogits(Path model) {
    Path out = folder.resolve("out.gguf");
    export(model, out);
    assertThat(logits(out)).containsExactly(logits(model), CLOSE);
  }

  private static float[] logits(Path path) {
    try (LoadedModel model = Running.load(path)) {
      return Running.logits(model, new ReferenceAttention(), IDS);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void llamaIsTheSameFromEveryFormat(boolean tied) {
    TinyModel model = new TinyModel(1, tied, false);
    String config = TinyModel.config("llama", ", \"tie_word_embeddings\": " + tied);
    assertSameLogits(model.writeSafetensors(folder.resolve("hf"), config));
    assertSameLogits(model.writeLlama2c(folder.resolve("a.bin")));
    assertSameLogits(model.writeGguf(folder.resolve("a.gguf"), "llama", true, Map.of()));
  }

  @Test
  void biasesArePermutedWithTheirRowsForLlamaOnly() {
    TinyModel model = new TinyModel(2, false, true);
    assertSameLogits(
        model.writeSafetensors(folder.resolve("qwen2"), TinyModel.config("qwen2", "")));
    assertSameLogits(model.writeGguf(folder.resolve("q.gguf"), "qwen2", false, Map.of()));
    assertThatThrownBy(
            () ->
                export(
                    new TinyModel(2, false, false)
                        .writeSafetensors(folder.resolve("none"), TinyModel.config("qwen2", "")),
                    folder.resolve("x.gguf")))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("self_attn.q_proj.bias");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "linear | {'rope_type':'linear','factor':4}",
        "yarn | {'rope_type':'yarn','factor':4,'original_max_position_embeddings':8}",
        "yarn's own temperature | {'rope_type':'yarn','factor':4,'attention_factor':1.5,"
            + "'beta_fast':16,'beta_slow':2,'original_max_position_embeddings':8}",
        "two temperatures | {'rope_type':'yarn','factor':4,'mscale':0.7,'mscale_all_dim':0.4,"
            + "'original_max_position_embeddings':8}",
        "llama3 | {'rope_type':'llama3','factor':8,'low_freq_factor':1,'high_freq_factor':4,"
            + "'original_max_position_embeddings':8}",
        "longrope | {'rope_type':'longrope','short_factor':[1,2],'long_factor':[2,5],"
            + "'original_max_position_embeddings':8}",
        "longrope's own temperature | {'rope_type':'longrope','short_factor':[1,2],"
            + "'long_factor':[2,5],'attention_factor':1.25,'original_max_position_embeddings':8}"
      })
  void scalingsComeBack(String name, String scaling) {
    TinyModel model = new TinyModel(3, true, false);
    String more = ", 'tie_word_embeddings': true, 'rope_scaling': " + scaling;
    Path path =
        model.writeSafetensors(
            folder.resolve("hf"), TinyModel.config("llama", more.replace('\'', '"')));
    assertSameLogits(path);
    try (LoadedModel before = Running.load(path);
        LoadedModel after = Running.load(folder.resolve("out.gguf"))) {
      assertThat(after.spec().shape()).as(name).isEqualTo(before.spec().shape());
    }
  }

  @Test
  void encodersAreReadAndNotWritten() {
    assertThatThrownBy(
            () -> export(Witness.resource("encoders/bert"), folder.resolve("encoder.gguf")))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("is an encoder");
  }

  @Test
  void aWindowComesBackAndIsRemarkedOn() {
    Path path =
        new TinyModel(4, false, false)
            .writeSafetensors(
                folder.resolve("hf"), TinyModel.config("mistral", ", \"sliding_window\": 5"));
    assertSameLogits(path);
    assertThat(export(path, folder.resolve("w.gguf")))
        .anyMatch(remark -> remark.contains("window of 5 tokens"));
  }

  @Test
  void whatGgufCannotSayIsRemarkedOn() {
    String dynamic = ", \"rope_scaling\": {\"rope_type\": \"dynamic\", \"factor\": 2}";
    Path path =
        new TinyModel(5, false, false)
            .writeSafetensors(folder.resolve("hf"), TinyModel.config("llama", dynamic));
    assertThat(export(path, folder.resolve("d.gguf")))
        .anyMatch(remark -> remark.contains("dynamic NTK"))
        .anyMatch(remark -> remark.contains("holds no tokenizer"));
  }

  @Test
  void scalingsThatLlamaCppDoesNotKnowForQwenAreRefused() {
    String llama3 =
        ", \"rope_scaling\": {\"rope_type\": \"llama3\", \"factor\": 8, \"low_freq_factor\": 1,"
            + " \"high_freq_factor\": 4, \"original_max_position_embeddings\": 8}";
    Path path =
        new TinyModel(6, false, true)
            .writeSafetensors(folder.resolve("hf"), TinyModel.config("qwen2", llama3));
    assertThatThrownBy(() -> export(path, folder.resolve("x.gguf")))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll("llama3", "qwen2");
  }

  @Test
  void aTensorThatIsLeftOverOrOfAnotherShapeIsRefused() {
    TinyModel extra = new TinyModel(7, false, false);
    extra.weights.put("extra.weight", new TinyModel.Weight(new long[] {1}, new float[] {1}));
    Path more = extra.writeSafetensors(folder.resolve("more"), TinyModel.config("llama", ""));
    assertThatThrownBy(() -> export(more, folder.resolve("x.gguf")))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("extra.weight");
    TinyModel other = new TinyModel(7, false, false);
    other.weights.put("model.norm.weight", new TinyModel.Weight(new long[] {1}, new float[] {1}));
    Path shape = other.writeSafetensors(folder.resolve("shape"), TinyModel.config("llama", ""));
    assertThatThrownBy(() -> export(shape, folder.resolve("x.gguf")))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll("model.norm.weight", "[16]", "[1]");
  }

  /// Layers that differ in what they see, and latent attention. Keys that GGUF files do not have
  /// are set to what llama.cpp takes them for.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gpt_oss | gpt-oss | {'rope_parameters': {'rope_type': 'yarn', 'factor': 8.0,"
            + " 'rope_theta': 10000.0, 'original_max_position_embeddings': 32}}",
        "olmo3 | olmo2 | {}",
        "llama4 | llama4 | {'attention_chunk_size': 8192, 'floor_scale': 8192, 'attn_scale': 0.1,"
            + " 'max_position_embeddings': 64, 'no_rope_layers': [1, 1, 1, 0]}",
        "deepseek_v2 | deepseek2 | {'topk_method': 'greedy', 'rms_norm_eps': 1e-6}",
        "deepseek_v3 | deepseek2 | {'rms_norm_eps': 1e-6}"
      })
  void unlikeLayersComeBack(String fixture, String architecture, String changes)
      throws IOException {
    Path path = edited(Witness.resource("hf/" + fixture), changes);
    assertSameLogits(path);
    try (Checkpoint written = Checkpoints.open(folder.resolve("out.gguf"))) {
      assertThat(written.header().path("general.architecture").asText()).isEqualTo(architecture);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gemma2 | {'query_pre_attn_scalar': 12}",
        "gemma3 | {'query_pre_attn_scalar': 12}",
        "cohere2 | {}",
        "smollm3 | {}"
      })
  void unlikeLayersOfSharedModelsComeBack(String fixture, String changes) throws IOException {
    Path path =
        edited(
            SharedData.file("families-hf/" + fixture + "/config.json").resolveSibling(""), changes);
    assertSameLogits(path);
    try (Checkpoint written = Checkpoints.open(folder.resolve("out.gguf"))) {
      assertThat(written.header().path("general.architecture").asText()).isEqualTo(fixture);
    }
  }

  /// llama.cpp gives EXAONE 4 its window with 64 layers only, chunks of Llama 4 have 8,192 tokens
  /// there, and V2 chooses groups of experts as V3 does.
  @ParameterizedTest
  @CsvSource({
    "exaone4, layers that differ",
    "llama4, layers that differ",
    "deepseek_v2, latent attention and experts",
    "deepseek_v2-bias, latent attention and experts",
    "ministral, layers that differ",
    "smollm3-window, layers that differ"
  })
  void unlikeLayersThatNoArchitectureHasAreRefused(String fixture, String what) {
    assertThatThrownBy(() -> export(Witness.resource("hf/" + fixture), folder.resolve("x.gguf")))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining(what + " as no architecture of llama.cpp has them");
    assertThat(folder.resolve("x.gguf")).doesNotExist();
  }

  // llama.cpp has no groups of experts here.
  @Test
  void expertsOfGlmComeBack() throws IOException {
    Path model = Witness.resource("hf/glm4_moe");
    assertSameLogits(edited(model, "{'n_group': 1, 'topk_group': 1}"));
    assertThatThrownBy(() -> export(model, folder.resolve("x.gguf")))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("does not compute under the architecture glm4moe");
  }

  @ParameterizedTest
  @CsvSource({"arcee, false, false", "ernie4_5, false, true", "seed_oss, true, true"})
  void modelsNamedLikeLlamaComeBack(String type, boolean biased, boolean gated) {
    TinyModel model = new TinyModel(8, false, biased);
    model.weights.keySet().removeIf(name -> !gated && name.contains("gate_proj"));
    String config = TinyModel.config(type, ", \"tie_word_embeddings\": false");
    assertSameLogits(model.writeSafetensors(folder.resolve("hf"), config));
    try (Checkpoint written = Checkpoints.open(folder.resolve("out.gguf"))) {
      assertThat(written.header().path("general.architecture").asText()).isEqualTo(type);
    }
  }

  /// Their architectures have no key for a scale of scores.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gpt_bigcode | {'scale_attn_weights': false} | starcoder",
        "mpt-3h | {'attn_config': {'softmax_scale': 0.3}} | mpt"
      })
  void scalesOfScoresThatLlamaCppDoesNotKnowAreNotWrittenForIt(
      String fixture, String change, String architecture) throws IOException {
    Path model = edited(Witness.resource("hf/" + fixture), change);
    assertThatThrownBy(() -> export(model, folder.resolve("x.gguf")))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("does not compute under the architecture " + architecture);
  }

  /// A family has one activation in llama.cpp, and none of these switches.
  @ParameterizedTest
  @CsvSource({
    "bloom-normed, bloom",
    "llama-gelu, llama",
    "mistral-relu2, llama",
    "olmoe-clip, olmoe",
    "phi-normed, phi2",
    "smollm3-bias, smollm3",
  })
  void layersThatLlamaCppDoesNotComputeAreNotWrittenForIt(String fixture, String architecture) {
    assertThatThrownBy(() -> export(Witness.resource("hf/" + fixture), folder.resolve("x.gguf")))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("does not compute under the architecture " + architecture);
    assertThat(folder.resolve("x.gguf")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "glm",
        "gpt_bigcode",
        "granite",
        "granitemoehybrid",
        "granitemoeshared",
        "ministral3"
      })
  void switchesThatLlamaCppKnowsComeBack(String fixture) {
    assertSameLogits(Witness.resource("hf/" + fixture));
  }

  // A copy of a checkpoint with other keys in its header.
  private Path edited(Path model, String changes) throws IOException {
    Path copy = Files.createDirectories(folder.resolve("edited"));
    Files.copy(model.resolve("model.safetensors"), copy.resolve("model.safetensors"));
    ObjectNode config = Witness.json(model.resolve("config.json")).deepCopy();
    config.setAll((ObjectNode) new ObjectMapper().readTree(changes.replace('\'', '"')));
    Files.writeString(copy.resolve("config.json"), config.toString());
    return copy;
  }
}

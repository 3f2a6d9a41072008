package dev.lengthwise.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.ComputeDevice;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.attention.ReferenceAttention;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.Checkpoints;
import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.ModelWriter;
import dev.lengthwise.model.Projection;
import dev.lengthwise.model.WeightId;
import dev.lengthwise.model.WeightList;
import dev.lengthwise.model.WeightSpec;
import dev.lengthwise.model.Weights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bloom", "falcon-alibi", "falcon-gqa", "falcon-mq", "gpt2", "gpt_neox", "gpt_neox-seq",
        "gptj-1", "gptj-2", "mpt-3h", "mpt-4h", "mpt-6h", "stablelm", "stablelm-qk"
      })
  void aModelIsWrittenAsItWasRead(String name) {
    try (Checkpoint stored = Checkpoints.open(model(name));
        LoadedModel loaded =
            ModelLoader.loadDense(
                model(name), Running.METHODS, Precision.F32, Running.WORKERS, ComputeDevice.CPU)) {
      ModelSpec spec = loaded.spec();
      ModelWriter.Written written =
          new HuggingFaceWriter(Running.METHODS)
              .write(spec, byName(spec, loaded.decoder().weights()));
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
                value.contiguous().<java.nio.FloatBuffer>createBuffer().get(numbers);
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
          matrix
              ? ((Projection.Dense) weights.projection(id)).weight()
              : weights.vector(id);
      all.put(weight.name(), found);
    }
    return all;
  }

  /// Where the file's GELU is the exact one, llama.cpp's tanh form is up to 0.003 away.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "bloom", "falcon-gqa", "falcon-mq", "gpt2", "gpt_neox", "gpt_neox-seq", "mpt-3h", "mpt-4h",
        "stablelm", "stablelm-qk"
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
    assertThatThrownBy(() -> GgufExportTest.export(model(name), folder.resolve("x"), DataType.F32))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll(name, "llama.cpp has no architecture");
  }
}

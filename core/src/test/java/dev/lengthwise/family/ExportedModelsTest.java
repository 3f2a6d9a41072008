package dev.lengthwise.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.family.Witness.Way;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Losses that llama.cpp computes of the GGUF files that are written here
/// (`tools/exported-fixtures.py`): it reads them, and means by them what this program does.
class ExportedModelsTest {

  private static final double TOLERANCE = 2e-5;

  @TempDir private Path folder;

  static List<String> models() {
    return Witness.names("exported");
  }

  @ParameterizedTest
  @MethodSource("models")
  void llamaCppReadsWhatIsWritten(String name) throws IOException {
    JsonNode fixture = Witness.json(Witness.resource("exported/" + name + ".json"));
    ModelInPieces model = ModelInPieces.of(Witness.resource("hf/" + name)).copy();
    model.header().setAll((ObjectNode) fixture.get("changes"));
    List<String> without =
        StreamSupport.stream(fixture.get("without").spliterator(), false)
            .map(JsonNode::asText)
            .toList();
    model.tensors().removeIf(tensor -> without.stream().anyMatch(tensor.name()::endsWith));
    Path file = folder.resolve("model.gguf");
    assertThat(GgufExportTest.export(model.write(folder), file, DataType.F32))
        .noneMatch(remark -> remark.contains("llama.cpp"));
    double[] expected =
        StreamSupport.stream(fixture.get("losses").spliterator(), false)
            .mapToDouble(JsonNode::asDouble)
            .toArray();
    int[] ids = Witness.ids(name);
    try (LoadedModel loaded = Running.load(file)) {
      float[] logits =
          Witness.logits(loaded, loaded.spec().declared(), Way.KERNELS, ids, ids.length);
      int vocabulary = loaded.spec().vocabularySize();
      double[] found =
          IntStream.range(0, expected.length)
              .mapToDouble(place -> Witness.loss(logits, place, ids, vocabulary))
              .toArray();
      assertThat(found)
          .containsExactly(expected, within(fixture.path("tolerance").asDouble(TOLERANCE)));
    }
  }

  /// llama.cpp knows by the number of layers which tensors there are.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cohere | norms of heads from 64 layers on",
        "deepseek_v2 | without q_lora_rank to have 26 or 27"
      })
  void whatLlamaCppWillNotLoadIsSaid(String name, String remark) throws IOException {
    ModelInPieces model = ModelInPieces.of(Witness.resource("hf/" + name)).copy();
    model.header().put("topk_method", "greedy").put("rms_norm_eps", 1e-6);
    assertThat(GgufExportTest.export(model.write(folder), folder.resolve("a.gguf"), DataType.F32))
        .anyMatch(said -> said.startsWith("llama.cpp will not load") && said.contains(remark));
    assertThat(Files.exists(folder.resolve("a.gguf"))).isTrue();
  }
}

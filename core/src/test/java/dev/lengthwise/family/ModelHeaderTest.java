package dev.lengthwise.family;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lengthwise.attention.CacheType;
import dev.lengthwise.attention.vector.VectorAttention;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.generate.MemoryPlanner;
import dev.lengthwise.generate.Sequence;
import dev.lengthwise.matrix.ActivationPrecision;
import dev.lengthwise.matrix.MatrixProducts;
import dev.lengthwise.matrix.WeightType;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.position.PlanFunction;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What the header of a file says without its weights, beside what the loaded model takes.
class ModelHeaderTest {

  static List<String> fixtures() {
    return List.of(
        "llama-yarn", "gemma3", "deepseek2-mla", "deepseek2-lite", "gpt-oss", "gpt2", "bloom");
  }

  private static long repackedBytes(WeightType type, int rows, int columns) {
    return MatrixProducts.repackedBytes(type, rows, columns, ActivationPrecision.F32);
  }

  private static ModelHeader read(Path file, boolean dense, boolean repacks) {
    return ModelHeader.read(
        file, Running.METHODS, Precision.F32, dense, repacks, ActivationPrecision.F32);
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void theCacheOfEveryKindOfLayerIsPlannedToTheByte(String name) {
    JsonNode fixture = Witness.json(Witness.resource("gguf/" + name + ".json"));
    Path file = Witness.resource("gguf/" + fixture.get("gguf").asText());
    ModelHeader header = read(file, false, false);
    try (Workers workers = new Workers(1);
        LoadedModel model = ModelLoader.load(file, Running.METHODS, Precision.F32, workers)) {
      assertThat(header.spec()).isEqualTo(model.spec());
      PlanFunction plans =
          new PlanFunction(
              header.spec().shape(), header.spec().declared(), header.spec().declared());
      InferenceModel inference =
          new InferenceModel(model.decoder(), plans, new VectorAttention(workers), CacheType.Q8_0);
      MemoryPlanner planner =
          new MemoryPlanner(
              header.spec(),
              plans,
              new VectorAttention(workers),
              CacheType.Q8_0,
              40,
              header.weights());
      try (Sequence sequence = inference.newSequence()) {
        sequence.read(IntStream.range(0, 90).map(id -> id % 7).toArray(), 40, (_, _) -> {});
        assertThat(planner.cache(90)).isEqualTo(sequence.cacheBytes());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void denseWeightsTakeFourBytesEach(String name) {
    Path file =
        Witness.resource(
            "gguf/"
                + Witness.json(Witness.resource("gguf/" + name + ".json")).get("gguf").asText());
    ModelHeader mapped = read(file, false, false);
    ModelHeader dense = read(file, true, true);

    // These files have f32 only, and the tensors that a model leaves out are few and small.
    assertThat(dense.weights().file()).isZero();
    assertThat(mapped.weights().total())
        .isBetween(dense.weights().converted(), 2 * dense.weights().converted());
  }

  @Test
  void rowsSideBySideCostWhatTheirKernelsAllocate() {
    assertThat(repackedBytes(WeightType.Q4_0, 32, 64)).isEqualTo(2 * 576);
    assertThat(repackedBytes(WeightType.Q4_K, 17, 256)).isEqualTo(2 * 2368);
    assertThat(repackedBytes(WeightType.Q8_0, 32, 64)).isZero();
  }
}

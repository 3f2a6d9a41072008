package dev.lengthwise.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.open.Checkpoints;
import dev.lengthwise.family.GgufExport;
import dev.lengthwise.family.LoadedModel;
import dev.lengthwise.family.ModelLoader;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.generate.Sequence;
import dev.lengthwise.method.Alibi;
import dev.lengthwise.model.Architecture;
import dev.lengthwise.model.Architecture.Block;
import dev.lengthwise.model.Architecture.FeedForwardKind;
import dev.lengthwise.model.Architecture.NormKind;
import dev.lengthwise.model.Architecture.Placement;
import dev.lengthwise.model.Architectures;
import dev.lengthwise.model.Decoder;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Weights;
import dev.lengthwise.position.MethodReader;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.torch.ComputeDevice;
import dev.lengthwise.train.distributed.SingleProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Every architecture trains, and comes back from its file as it was.
class ArchitectureTrainingTest {

  private static final int STEPS = 30;
  private static final MethodReader ROPE = (_, _) -> TinyTraining.ROPE;

  @TempDir static Path shared;
  private static Path data;

  @TempDir Path folder;

  @BeforeAll
  static void prepare() {
    data = TinyTraining.data(shared);
  }

  static Set<String> names() {
    return Architectures.ALL.keySet();
  }

  @ParameterizedTest
  @MethodSource("names")
  void lossFallsAndTheSavedModelHasTheSameLogits(String name) throws IOException {
    TrainConfig config = TinyTraining.with(TinyTraining.config(STEPS, 1), Architectures.of(name));
    Trainer.run(config, TinyTraining.ROPE, data, folder, SingleProcess.CPU, _ -> {});

    List<String> lines = Files.readAllLines(folder.resolve("metrics.jsonl"));
    JsonNode first = new ObjectMapper().readTree(lines.getFirst());
    JsonNode last = new ObjectMapper().readTree(lines.getLast());
    assertThat(last.get("loss").asDouble()).as(name).isLessThan(first.get("loss").asDouble() - 0.7);

    Path saved = folder.resolve("checkpoints/%08d".formatted(STEPS));
    ModelSpec spec = ModelExport.specOf(config, TinyTraining.ROPE);
    try (Parameters parameters =
            Parameters.read(spec, saved.resolve(ModelExport.WEIGHTS), ComputeDevice.CPU);
        dev.lengthwise.parallel.Workers workers = new dev.lengthwise.parallel.Workers(1);
        LoadedModel loaded = ModelLoader.load(saved, ROPE, null, workers);
        PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      assertThat(loaded.spec()).isEqualTo(spec);
      Tensor expected = logits(parameters.decoder(ScalarType.Float));
      Tensor found = logits(loaded.decoder());
      assertThat(found.sub(expected).abs().max().item_double())
          .isLessThan(1e-5 * expected.abs().max().item_double());
    }
    assertRefusedAsGguf(saved);
  }

  /// The folder that other programs read, in bfloat16, against the checkpoint rounded alike.
  @ParameterizedTest
  @CsvSource({
    "PARALLEL_TWO_NORMS, ATTENTION_WITH_BIAS",
    "PRE, ATTENTION_WITH_BIAS",
    "PRE, ATTENTION"
  })
  void layersOfAGptNeoxAreExportedAsSuch(Placement placement, Block block) throws IOException {
    Architecture neox =
        new Architecture(
            NormKind.LAYER_NORM, placement, FeedForwardKind.GELU_WITH_BIAS, false, List.of(block));
    TrainConfig config = TinyTraining.withHeads(TinyTraining.config(2, 1), 2, neox);
    Trainer.run(config, TinyTraining.ROPE, data, folder, SingleProcess.CPU, _ -> {});
    Path model = folder.resolve("model");
    ModelExport.export(TinyTraining.ROPE, data, folder, model, TinyTraining.WRITER);

    JsonNode written = new ObjectMapper().readTree(model.resolve("config.json").toFile());
    assertThat(written.get("model_type").asText()).isEqualTo("gpt_neox");
    Path checkpoint = folder.resolve("checkpoints/00000002").resolve(ModelExport.WEIGHTS);
    ModelSpec spec = ModelExport.specOf(config, TinyTraining.ROPE);
    try (Parameters parameters = Parameters.read(spec, checkpoint, ComputeDevice.CPU);
        dev.lengthwise.parallel.Workers workers = new dev.lengthwise.parallel.Workers(1);
        LoadedModel loaded = ModelLoader.load(model, ROPE, null, workers);
        PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      assertThat(Architecture.of(loaded.spec())).contains(neox);
      Map<String, Tensor> rounded = new HashMap<>();
      parameters
          .tensors()
          .forEach(
              (name, tensor) ->
                  rounded.put(name, tensor.to(ScalarType.BFloat16).to(ScalarType.Float)));
      Tensor expected = logits(Decoder.torch(spec, Weights.dense(spec, rounded, null)));
      assertThat(logits(loaded.decoder()).sub(expected).abs().max().item_double())
          .isLessThan(1e-5 * expected.abs().max().item_double());
    }
  }

  /// Shared keys, heads that are not the hidden size together, another norm: no GPT-NeoX.
  @Test
  void whatOnlyResemblesAGptNeoxStaysOurs() throws IOException {
    TrainConfig shared = TinyTraining.with(TinyTraining.config(1, 1), Architectures.of("neox"));
    Trainer.run(shared, TinyTraining.ROPE, data, folder, SingleProcess.CPU, _ -> {});
    Path model = folder.resolve("model");
    ModelExport.export(TinyTraining.ROPE, data, folder, model, TinyTraining.WRITER);
    JsonNode written = new ObjectMapper().readTree(model.resolve("config.json").toFile());
    assertThat(written.get("model_type").asText()).isEqualTo("lengthwise");
    Architecture neox = Architectures.of("neox");
    Architecture rms =
        new Architecture(
            NormKind.RMS, neox.placement(), neox.feedForward(), neox.queryKeyBias(), neox.blocks());
    TrainConfig fits = TinyTraining.withHeads(shared, 2, neox);
    assertThat(typeOf(fits)).isEqualTo("gpt_neox");
    TrainConfig other = TinyTraining.withHeads(shared, 2, rms);
    assertThat(typeOf(other)).isEqualTo("lengthwise");
  }

  // The type under which a model of these layers is written.
  private static String typeOf(TrainConfig config) {
    ModelSpec spec = ModelExport.specOf(config, TinyTraining.ROPE);
    try (PointerScope _ = new PointerScope();
        Parameters parameters =
            Parameters.random(spec, Initialisation.GPT2, 1, ComputeDevice.CPU)) {
      return TinyTraining.WRITER
          .write(spec, parameters.stored(ScalarType.Float))
          .config()
          .get("model_type")
          .asText();
    }
  }

  @Test
  void biasOfManyHeadsDoesNotTrainWhereALayerHasOne() {
    TrainConfig config =
        TinyTraining.with(TinyTraining.config(1, 1), Architectures.of("gau-and-attention"));
    assertThatThrownBy(
            () -> Trainer.run(config, new Alibi(), data, folder, SingleProcess.CPU, _ -> {}))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("for each of 2 heads, but layer 1 is a gated attention unit");
  }

  @Test
  void anUnknownBlockInAFileIsNamedWithTheKnownOnes() throws IOException {
    TrainConfig config = TinyTraining.with(TinyTraining.config(1, 1), Architectures.of("gau"));
    Trainer.run(config, TinyTraining.ROPE, data, folder, SingleProcess.CPU, _ -> {});
    Path saved = folder.resolve("checkpoints/00000001");
    Path file = saved.resolve("config.json");
    Files.writeString(file, Files.readString(file).replace("\"gau\"", "\"mamba\""));

    try (Checkpoint checkpoint = Checkpoints.open(saved)) {
      assertThatThrownBy(() -> GgufExport.of(checkpoint, ROPE))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContaining("Block \"architecture\" of ")
          .hasMessageEndingWith(
              "\"blocks[0]\" is \"mamba\"; expected one of"
                  + " [attention, attention-with-bias, gau, gau-squared-relu, lru].");
    }
  }

  private static void assertRefusedAsGguf(Path saved) {
    try (Checkpoint checkpoint = Checkpoints.open(saved)) {
      assertThatThrownBy(() -> GgufExport.of(checkpoint, ROPE))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContaining("family lengthwise")
          .hasMessageContaining("cannot be written as GGUF");
    }
  }

  private static Tensor logits(Decoder decoder) {
    ModelSpec spec = decoder.spec();
    PlanFunction plans = new PlanFunction(spec.shape(), spec.declared(), spec.declared());
    try (Sequence sequence =
        new InferenceModel(decoder, plans, new TorchAttention()).newSequence()) {
      return sequence.logits(sequence.prefill(5, 17, 260, 33, 2, 9, 101, 5)).clone();
    }
  }
}

package dev.lengthwise.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.attention.Attention;
import dev.lengthwise.attention.KeyValueRows;
import dev.lengthwise.attention.QueryRows;
import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.attention.vector.VectorAttention;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.checkpoint.open.Checkpoints;
import dev.lengthwise.checkpoint.safetensors.SafetensorsFile;
import dev.lengthwise.family.GgufExport;
import dev.lengthwise.family.LoadedModel;
import dev.lengthwise.family.ModelLoader;
import dev.lengthwise.family.Precision;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.generate.Sequence;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Rope;
import dev.lengthwise.model.Architecture;
import dev.lengthwise.model.Architectures;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.WeightRole;
import dev.lengthwise.position.LearnedParameter;
import dev.lengthwise.position.MethodReader;
import dev.lengthwise.position.MethodText;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.torch.ComputeDevice;
import dev.lengthwise.train.distributed.SingleProcess;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.api.Assertions;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Methods that a model is trained with, from training to loading.
class LearnedMethodsTest {

  private static final MethodReader METHODS =
      (value, shape) -> new MethodParser(shape, new Rope()).method(value);

  /// One thread: the models are tiny, and a pool of one has nothing to close.
  private static final dev.lengthwise.parallel.Workers WORKERS =
      new dev.lengthwise.parallel.Workers(1);

  private static final int[] IDS = {5, 250, 17, 17, 99, 100, 3, 42, 7, 260, 5, 250, 17, 1, 9, 8, 2};

  @TempDir static Path shared;
  private static Path data;

  @TempDir Path folder;

  @BeforeAll
  static void prepare() {
    data = TinyTraining.data(shared);
  }

  private static PositionMethod method(String text) {
    return METHODS.read(MethodText.read(text), TinyTraining.config(1, 1).shape());
  }

  private Path train(String method, int steps, int threads) {
    Path run = folder.resolve("run" + threads);
    Trainer.run(
        TinyTraining.config(steps, threads),
        method(method),
        data,
        run,
        steps,
        SingleProcess.CPU,
        _ -> {});
    return run;
  }

  private static LoadedModel load(Path model) {
    return ModelLoader.load(model, METHODS, Precision.F32, new dev.lengthwise.parallel.Workers(1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "alibi",
        "nope",
        "kerple:kind=log",
        "kerple:kind=power",
        "sandwich:channels=16",
        "t5:buckets=8,distance=12",
        "fire:width=8,threshold=10",
        "kerple:kind=log+log-n:base=16,minimum=0"
      })
  void lossFallsAndTheSavedModelIsTheTrainedOne(String text) throws IOException {
    Path run = train(text, 60, 1);

    List<String> lines = Files.readAllLines(run.resolve("metrics.jsonl"));
    JsonNode first = new ObjectMapper().readTree(lines.getFirst());
    JsonNode last = new ObjectMapper().readTree(lines.getLast());
    assertThat(first.get("loss").asDouble()).isBetween(5.0, 6.5);
    assertThat(last.get("validationLoss").asDouble()).isLessThan(3.9);

    Path checkpoint = run.resolve("checkpoints/00000060");
    float[] trained = trainedLogits(text, checkpoint.resolve(ModelExport.WEIGHTS));
    try (LoadedModel model = load(checkpoint)) {
      PositionMethod declared = model.spec().declared();
      assertThat(declared.name()).isEqualTo(method(text).name());
      assertThat(new MethodParser(model.spec().shape(), declared).parse(text))
          .as("named on the command line, it has what it learned")
          .isEqualTo(declared);
      for (Attention engine :
          List.of(new ReferenceAttention(), new TorchAttention(), new VectorAttention(WORKERS))) {
        assertThat(logits(model, declared, engine))
            .containsExactly(trained, Assertions.within(1e-4f));
      }
    }
  }

  // As the trainer computes them.
  private static float[] trainedLogits(String text, Path weights) {
    ModelSpec spec = ModelExport.specOf(TinyTraining.config(1, 1), method(text));
    PlanFunction plans = new PlanFunction(spec.shape(), spec.declared(), spec.declared());
    try (Parameters parameters = Parameters.read(spec, weights, ComputeDevice.CPU);
        PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      var decoder = parameters.decoder(org.bytedeco.pytorch.global.torch.ScalarType.Float);
      Map<String, Tensor> learned = parameters.planTensors(0);
      Tensor hidden =
          decoder.hidden(
              Tensor.create(Arrays.stream(IDS).asLongStream().toArray(), 1, IDS.length),
              (layer, queries, keys, values) ->
                  new TorchAttention()
                      .attend(
                          plans.plan(layer, IDS.length),
                          new QueryRows(queries, 0),
                          KeyValueRows.fromStart(keys, values),
                          learned));
      return floats(decoder.logits(hidden));
    }
  }

  private static float[] logits(LoadedModel model, PositionMethod method, Attention engine) {
    PlanFunction plans = new PlanFunction(model.spec().shape(), model.spec().declared(), method);
    try (Sequence sequence = new InferenceModel(model.decoder(), plans, engine).newSequence();
        PointerScope _ = new PointerScope()) {
      return floats(sequence.logits(sequence.prefill(IDS)));
    }
  }

  private static float[] floats(Tensor tensor) {
    FloatBuffer buffer = tensor.contiguous().createBuffer();
    float[] values = new float[buffer.remaining()];
    buffer.get(values);
    return values;
  }

  @Test
  void learnedNumbersAreSavedUnderTheirNames() throws IOException {
    Path run = train("kerple:kind=power", 3, 1);
    Path model = folder.resolve("model");
    ModelExport.export(method("kerple:kind=power"), data, run, model, TinyTraining.WRITER);

    JsonNode config = new ObjectMapper().readTree(model.resolve("config.json").toFile());
    assertThat(config.get("model_type").asText()).isEqualTo("lengthwise");
    assertThat(config.get("length_extrapolation").toString())
        .isEqualTo("{\"method\":\"kerple\",\"kind\":\"power\"}");
    try (SafetensorsFile file = SafetensorsFile.open(model.resolve(ModelExport.WEIGHTS))) {
      assertThat(file.tensor("length_extrapolation.r1").shape()).containsExactly(2);
      assertThat(file.tensor("length_extrapolation.r2").type()).isEqualTo(DataType.F32);
      assertThat(file.tensor("model.norm.weight").type()).isEqualTo(DataType.BF16);
    }
  }

  @Test
  void modelOfOtherLayersKeepsThemBesideWhatItLearned() {
    Architecture other = Architectures.of("parallel");
    TrainConfig config = TinyTraining.with(TinyTraining.config(1, 1), other);
    Trainer.run(config, method("t5:buckets=8"), data, folder, SingleProcess.CPU, _ -> {});

    try (LoadedModel model = load(folder.resolve("checkpoints/00000001"))) {
      assertThat(Architecture.of(model.spec())).contains(other);
    }
  }

  @Test
  void postHocMethodsRunOnTopOfTheLearnedBias() {
    try (LoadedModel model = load(train("kerple:kind=log", 5, 1).resolve("checkpoints/00000005"))) {
      MethodParser parser = new MethodParser(model.spec().shape(), model.spec().declared());
      PositionMethod above = parser.parse("lm-infinite:local=4,global=2");
      PlanFunction plans = new PlanFunction(model.spec().shape(), model.spec().declared(), above);
      PositionMethod declared = model.spec().declared();
      assertThat(plans.plan(0, 17).bias())
          .isEqualTo(declared.parts(model.spec().shape(), 0, 17).bias());
      float[] limited = logits(model, above, new ReferenceAttention());
      assertThat(limited)
          .isNotEqualTo(logits(model, declared, new ReferenceAttention()))
          .containsExactly(logits(model, above, new TorchAttention()), Assertions.within(1e-4f));
    }
  }

  @Test
  void ggufIsRefusedWithTheReason() {
    try (Checkpoint checkpoint =
        Checkpoints.open(train("fire:width=4", 1, 1).resolve("checkpoints/00000001"))) {
      assertThatThrownBy(() -> GgufExport.of(checkpoint, METHODS))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContainingAll("fire:width=4", "llama.cpp");
    }
  }

  @Test
  void aCheckpointWithoutItsLearnedNumbersIsRefused() throws IOException {
    Path model = train("rope", 1, 1).resolve("checkpoints/00000001");
    Path config = model.resolve("config.json");
    String text = Files.readString(config);
    Files.writeString(
        config,
        text.substring(0, text.lastIndexOf('}'))
            + ", \"length_extrapolation\": {\"method\": \"t5\"}}");
    assertThatThrownBy(() -> load(model).close())
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("length_extrapolation.table");
  }

  @Test
  void theNumberOfThreadsChangesNoBitOfWhatIsLearned() throws IOException {
    String text = "t5:buckets=8,distance=12";
    Path one = train(text, 3, 1).resolve("checkpoints/00000003/model.safetensors");
    Path two = train(text, 3, 2).resolve("checkpoints/00000003/model.safetensors");
    assertThat(Files.readAllBytes(two)).isEqualTo(Files.readAllBytes(one));
  }

  @Test
  void learnedNumbersStayInTheirRangeAndDoNotDecay() {
    ModelSpec spec = ModelExport.specOf(TinyTraining.config(1, 1), method("kerple:kind=power"));
    try (Parameters parameters =
            Parameters.random(spec, Initialisation.GPT2, 11, ComputeDevice.CPU);
        PointerScope _ = new PointerScope()) {
      Map<String, Tensor> learned = parameters.planTensors(0);
      assertThat(learned).containsOnlyKeys("r1", "r2");
      try (NoGradGuard _ = new NoGradGuard()) {
        learned.values().forEach(tensor -> tensor.mul_(new Scalar(1000.0)));
        parameters.project();
        assertThat(floats(Objects.requireNonNull(learned.get("r2")))).containsOnly(2);
        assertThat(Objects.requireNonNull(learned.get("r1")).min().item().toDouble())
            .isGreaterThan(2);
        learned.values().forEach(tensor -> tensor.neg_());
        parameters.project();
        learned.values().forEach(tensor -> assertThat(floats(tensor)).containsOnly(0.01f));
      }
    }
    ModelSpec table = ModelExport.specOf(TinyTraining.config(1, 1), method("t5"));
    try (Parameters parameters =
            Parameters.random(table, Initialisation.GPT2, 11, ComputeDevice.CPU);
        PointerScope _ = new PointerScope()) {
      LearnedParameter weight = table.declared().weights(table.shape()).getFirst();
      assertThat(weight.shape()).containsExactly(32, 2);
      WeightRole role = parameters.roles().get(weight.tensorName());
      assertThat(role).isEqualTo(WeightRole.LEARNED_POSITION);
      assertThat(WeightRole.LEARNED_POSITION.isMatrix()).isFalse();
    }
  }
}

package dev.lengthwise.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.attention.vector.VectorAttention;
import dev.lengthwise.checkpoint.safetensors.SafetensorsFile;
import dev.lengthwise.checkpoint.safetensors.SafetensorsWriter;
import dev.lengthwise.family.BaichuanTwo;
import dev.lengthwise.family.LoadedModel;
import dev.lengthwise.family.ModelLoader;
import dev.lengthwise.family.Precision;
import dev.lengthwise.family.TrainableModel;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.generate.Sequence;
import dev.lengthwise.io.AtomicFolder;
import dev.lengthwise.io.JsonFile;
import dev.lengthwise.method.MethodOfTraining;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Rope;
import dev.lengthwise.model.ModelFiles;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.position.MethodReader;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.tokenizer.open.Tokenizers;
import dev.lengthwise.torch.ComputeDevice;
import dev.lengthwise.train.data.DataMix;
import dev.lengthwise.train.data.DataPreparation;
import dev.lengthwise.train.data.DataSource;
import dev.lengthwise.train.data.TokenizerChoice;
import dev.lengthwise.train.data.TrainingData;
import dev.lengthwise.train.data.WindowBatch;
import dev.lengthwise.train.data.WindowSampler;
import dev.lengthwise.train.data.Windows;
import dev.lengthwise.train.distributed.SingleProcess;
import dev.lengthwise.train.optimise.OptimizerSettings;
import dev.lengthwise.train.optimise.Schedule;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Models of several families, from the witnesses of `src/test/resources/families`, trained
/// further.
class FurtherTrainingTest {

  private static final Path FAMILIES = Path.of("src/test/resources/families");
  private static final int LENGTH = 24;
  private static final int WINDOWS = 4;

  /// Models of so many layers take too long: Baichuan is tested with two.
  private static final int DEEP = 32;

  private static final long SEED = 7;
  private static final Workers WORKERS = new Workers(1);
  private static final MethodReader METHODS =
      (value, shape) -> new MethodParser(shape, new Rope()).method(value);
  private static final DataMix MIX =
      new DataMix(
          List.of(new DataMix.Share("training", Windows.CROPS, 1)),
          new DataMix.HeldOut("validation", Windows.CROPS),
          List.of());

  @TempDir static Path shared;
  private static Path data;

  @TempDir Path folder;

  @BeforeAll
  static void prepare() throws IOException {
    Path text = Files.writeString(shared.resolve("text.txt"), "abcdaabbccddabcd".repeat(60));
    data = shared.resolve("data");
    new DataPreparation(
            new TokenizerChoice.Characters(),
            Map.of(
                "training",
                List.of(new DataSource.Text(text)),
                "validation",
                List.of(new DataSource.Text(text))))
        .writeTo(data, _ -> {});
  }

  private static FurtherConfig config(int steps, String method) {
    return new FurtherConfig(
        new FurtherConfig.Origin("a model", "its checksum"),
        LENGTH,
        method,
        new TrainConfig.Batch(2, WINDOWS / 2, false),
        new Schedule.Cosine(steps, 3e-3, 0, 1),
        new OptimizerSettings.AdamW(0, 0.9, 0.95, 1e-8, 1),
        MIX,
        SEED,
        TrainConfig.Precision.F32,
        1,
        new TrainConfig.Intervals(100, 100, 100));
  }

  // Begins a run in `run`; `null` for the method that the model declares.
  private static FurtherConfig begin(Path path, @Nullable String method, int steps, Path run) {
    try (TrainableModel model = TrainableModel.open(path, METHODS, WORKERS)) {
      ModelSpec own = model.spec();
      String text = method == null ? own.declared().value().text() : method;
      MethodOfTraining chosen = MethodOfTraining.of(own.shape(), own.declared(), text);
      ModelSpec trained =
          own.withDeclared(chosen.method())
              .withTrainedLength(chosen.trainedLength(own.shape(), LENGTH));
      FurtherConfig config = config(steps, chosen.text());
      FurtherTraining.begin(
          config,
          new StartingModel(
              trained,
              model.header(trained),
              model.weights(trained),
              Optional.empty(),
              model.companions()),
          data,
          run);
      return config;
    }
  }

  private static void goOn(FurtherConfig config, Path run, int until) {
    Trainer.goOn(config, TinyTraining.WRITER, data, run, until, SingleProcess.CPU, _ -> {});
  }

  private static List<Double> losses(Path run) throws IOException {
    List<Double> losses = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
      losses.add(new ObjectMapper().readTree(line).get("loss").asDouble());
    }
    return losses;
  }

  // ---- evaluation, in the kernels of inference

  private static LoadedModel load(Path path) {
    return ModelLoader.load(path, METHODS, Precision.F32, WORKERS);
  }

  private static float[] logits(LoadedModel model, PositionMethod method, int[] ids) {
    ModelSpec spec = model.spec();
    PlanFunction plans = new PlanFunction(spec.shape(), spec.declared(), method);
    InferenceModel inference =
        new InferenceModel(model.decoder(), plans, new VectorAttention(WORKERS));
    float[] all = new float[ids.length * spec.vocabularySize()];
    try (NoGradGuard _ = new NoGradGuard();
        Sequence sequence = inference.newSequence().declareLength(ids.length)) {
      sequence.read(
          ids,
          ids.length,
          (first, hidden) -> {
            try (PointerScope _ = new PointerScope()) {
              FloatBuffer logits = sequence.logits(hidden).contiguous().createBuffer();
              logits.get(all, first * spec.vocabularySize(), logits.remaining());
            }
          });
    }
    return all;
  }

  // Mean loss of the windows of the first step, in nats per token.
  private static double firstLoss(LoadedModel model, PositionMethod method) {
    try (TrainingData opened = TrainingData.open(data, MIX)) {
      WindowBatch batch =
          new WindowSampler(opened, LENGTH, WINDOWS, SEED, null).batch(1, 0, WINDOWS);
      int vocabulary = model.spec().vocabularySize();
      double sum = 0;
      for (int row = 0; row < WINDOWS; row++) {
        int[] ids = new int[LENGTH];
        for (int place = 0; place < LENGTH; place++) {
          ids[place] = (int) batch.inputs()[row * LENGTH + place];
        }
        float[] logits = logits(model, method, ids);
        for (int place = 0; place < LENGTH; place++) {
          int target = (int) batch.targets()[row * LENGTH + place];
          sum += loss(logits, place * vocabulary, vocabulary, target);
        }
      }
      return sum / (WINDOWS * LENGTH);
    }
  }

  private static double loss(float[] logits, int from, int vocabulary, int target) {
    double sum = 0;
    for (int id = 0; id < vocabulary; id++) {
      sum += Math.exp(logits[from + id] - logits[from + target]);
    }
    return Math.log(sum);
  }

  // ---- families

  // The second column is the type that the trained model is written as: llama.cpp's numbers of
  // DeepSeek-V2 are none that a header of Hugging Face's library can say.
  @ParameterizedTest
  @CsvSource({
    "gguf/llama-yarn.gguf, llama",
    "gguf/gptneox.gguf, gpt_neox",
    "hf/gptj-1, gptj",
    "hf/mpt-3h, mpt",
    "gguf/qwen3.gguf, qwen3",
    "gguf/gemma2.gguf, gemma2",
    "gguf/qwen3moe.gguf, qwen3_moe",
    "gguf/llama-moe.gguf, mixtral",
    "gguf/gpt-oss.gguf, gpt_oss",
    "gguf/deepseek2-mla.gguf, lengthwise",
    "gguf/gpt2.gguf, gpt2",
    "sentences/last, qwen3"
  })
  void aModelBeginsWithTheLossOfItsEvaluationAndLearns(String name, String type)
      throws IOException {
    Path path = FAMILIES.resolve(name);
    Path run = folder.resolve("run");
    FurtherConfig config = begin(path, null, 12, run);
    goOn(config, run, 12);

    List<Double> losses = losses(run);
    try (LoadedModel model = load(path)) {
      double evaluated = firstLoss(model, model.spec().declared());
      assertThat(losses.getFirst()).isCloseTo(evaluated, within(1e-5));
    }
    assertThat(losses.getLast()).isLessThan(losses.getFirst() - 0.05);

    Path before = run.resolve("checkpoints/00000000");
    Path after = FurtherTraining.newestCheckpoint(run).orElseThrow();
    assertThat(unmoved(before, after)).isEmpty();
    assertSameLogits(after, written(after, type));
  }

  // Weights that training has not moved. Of experts some may have seen no token, and what corrects
  // their choice has no gradient.
  private static List<String> unmoved(Path before, Path after) {
    try (SafetensorsFile first = SafetensorsFile.open(before.resolve(ModelExport.WEIGHTS));
        SafetensorsFile last = SafetensorsFile.open(after.resolve(ModelExport.WEIGHTS))) {
      return first.tensors().keySet().stream()
          .filter(name -> !name.contains(".experts.") && !name.endsWith(".correction"))
          .filter(
              name -> Arrays.equals(first.tensor(name).toFloats(), last.tensor(name).toFloats()))
          .toList();
    }
  }

  // The model of a checkpoint as other programs read it, in f32.
  private Path written(Path checkpoint, String type) throws IOException {
    Path target = Files.createDirectories(folder.resolve("written"));
    ObjectNode header =
        (ObjectNode) new ObjectMapper().readTree(checkpoint.resolve("config.json").toFile());
    ModelSpec spec = TinyTraining.WRITER.spec(header);
    Path weights = checkpoint.resolve(ModelExport.WEIGHTS);
    try (Parameters parameters = Parameters.read(spec, weights, ComputeDevice.CPU);
        PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      ModelFiles.Written model =
          TinyTraining.WRITER.write(header, parameters.stored(ScalarType.Float));
      assertThat(model.config().get("model_type").textValue()).isEqualTo(type);
      JsonFile.write(target.resolve("config.json"), model.config());
      SafetensorsWriter.writeTensors(
          target.resolve(ModelExport.WEIGHTS), SafetensorsWriter.TORCH_METADATA, model.tensors());
    }
    return target;
  }

  private static void assertSameLogits(Path one, Path other) {
    int[] ids = {2, 3, 4, 5, 3, 2, 4, 4, 5, 2};
    try (LoadedModel first = load(one);
        LoadedModel second = load(other)) {
      float[] expected = logits(first, first.spec().declared(), ids);
      float[] found = logits(second, second.spec().declared(), ids);
      assertThat(greatest(expected, found)).isLessThan(1e-5);
    }
  }

  private static double greatest(float[] one, float[] other) {
    double greatest = 0;
    for (int index = 0; index < one.length; index++) {
      greatest = Math.max(greatest, Math.abs(one[index] - other[index]));
    }
    return greatest;
  }

  static Stream<Arguments> oneModelOfEachFamily() throws IOException {
    Map<String, Path> first = new TreeMap<>();
    try (Stream<Path> gguf = Files.list(FAMILIES.resolve("gguf"));
        Stream<Path> library = Files.list(FAMILIES.resolve("hf"))) {
      Stream.concat(library, gguf)
          .filter(path -> Files.isDirectory(path) || path.toString().endsWith(".gguf"))
          .sorted()
          .forEach(
              path -> {
                try (TrainableModel model = TrainableModel.open(path, METHODS, WORKERS)) {
                  if (model.spec().layers().size() < DEEP) {
                    first.putIfAbsent(model.spec().family(), path);
                  }
                }
              });
    }
    return first.entrySet().stream().map(each -> Arguments.of(each.getKey(), each.getValue()));
  }

  @ParameterizedTest
  @MethodSource("oneModelOfEachFamily")
  void aModelOfEveryFamilyTakesAStep(String family, Path path) throws IOException {
    Path run = folder.resolve("run");
    goOn(begin(path, null, 1, run), run, 1);

    try (LoadedModel model = load(path)) {
      double evaluated = firstLoss(model, model.spec().declared());
      assertThat(losses(run).getFirst()).as(family).isCloseTo(evaluated, within(1e-4));
    }
    Path after = FurtherTraining.newestCheckpoint(run).orElseThrow();
    assertThat(unmoved(run.resolve("checkpoints/00000000"), after)).as(family).isEmpty();
  }

  @Test
  void theNormalisedHeadOfBaichuanTwoIsTrainedAsItIsUsed() throws IOException {
    Path path = BaichuanTwo.write(folder.resolve("model"), 2);
    Path run = folder.resolve("run");
    goOn(begin(path, null, 3, run), run, 3);

    List<Double> losses = losses(run);
    try (LoadedModel model = load(path)) {
      double evaluated = firstLoss(model, model.spec().declared());
      assertThat(losses.getFirst()).isCloseTo(evaluated, within(1e-5));
    }
    assertThat(losses.getLast()).isLessThan(losses.getFirst());
    Path after = FurtherTraining.newestCheckpoint(run).orElseThrow();
    assertThat(unmoved(run.resolve("checkpoints/00000000"), after)).isEmpty();
    assertSameLogits(after, written(after, "baichuan"));
  }

  // ---- methods

  /// What Hugging Face's library has is written as such; for what it does not compute the type is
  /// ours. GPT-J has no `rope_scaling` there: it would be ignored.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gguf/qwen3.gguf   | linear:factor=4              | qwen3",
        "gguf/qwen3.gguf   | yarn:factor=4,attention=1.25 | qwen3",
        "gguf/gptneox.gguf | dynamic-ntk:factor=2         | gpt_neox",
        "gguf/gemma2.gguf  | yarn:factor=4                | gemma2",
        "hf/gptj-1         | yarn:factor=4                | lengthwise",
        "hf/mpt-3h         | lm-infinite:local=8,global=2 | lengthwise",
        "gguf/qwen3.gguf   | kerple                       | lengthwise",
        "gguf/qwen3.gguf   | fire                         | lengthwise",
        "gguf/gemma2.gguf  | t5                           | lengthwise",
        "gguf/gptneox.gguf | window:window=8+log-n        | lengthwise"
      })
  void anotherMethodTakesThePlaceOfTheModelsOwn(String name, String method, String type)
      throws IOException {
    Path run = folder.resolve("run");
    FurtherConfig config = begin(FAMILIES.resolve(name), method, 4, run);
    Path first = FurtherTraining.newestCheckpoint(run).orElseThrow();
    try (LoadedModel model = load(first)) {
      double evaluated = firstLoss(model, model.spec().declared());
      goOn(config, run, 4);
      assertThat(losses(run).getFirst()).isCloseTo(evaluated, within(1e-5));
    }
    assertThat(losses(run).getLast()).isLessThan(losses(run).getFirst());
    Path last = FurtherTraining.newestCheckpoint(run).orElseThrow();
    assertSameLogits(last, written(last, type));
  }

  @Test
  void aMethodOnAModelWithoutLocalLayersIsWhatEvaluationRunsIt() throws IOException {
    Path path = FAMILIES.resolve("gguf/qwen3.gguf");
    Path run = folder.resolve("run");
    FurtherConfig config = begin(path, "yarn:factor=4", 1, run);
    goOn(config, run, 1);

    try (LoadedModel model = load(path)) {
      MethodParser parser = new MethodParser(model.spec().shape(), model.spec().declared());
      assertThat(losses(run).getFirst())
          .isCloseTo(firstLoss(model, parser.parse("yarn:factor=4")), within(1e-5));
    }
  }

  @Test
  void learnedNumbersGoOnFromWhereTheyAre() throws IOException {
    Path first = folder.resolve("first");
    goOn(begin(FAMILIES.resolve("gguf/qwen3.gguf"), "kerple", 4, first), first, 4);
    Path learned = FurtherTraining.newestCheckpoint(first).orElseThrow();
    Path second = folder.resolve("second");
    begin(learned, null, 4, second);

    Path begun = FurtherTraining.newestCheckpoint(second).orElseThrow();
    assertThat(unmoved(learned, begun)).contains("length_extrapolation.r1").hasSizeGreaterThan(10);
  }

  @Test
  void resumedRunHasTheBitsOfAnUninterruptedOneAndNeedsTheModelNoMore() throws IOException {
    Path model = folder.resolve("model");
    Files.createDirectories(model);
    for (String file : List.of("config.json", "model.safetensors")) {
      Files.copy(FAMILIES.resolve("hf/gptj-1").resolve(file), model.resolve(file));
    }
    Path once = folder.resolve("once");
    FurtherConfig config = begin(model, "linear:factor=2", 6, once);
    goOn(config, once, 6);
    Path twice = folder.resolve("twice");
    begin(model, "linear:factor=2", 6, twice);
    AtomicFolder.delete(model);
    goOn(config, twice, 2);
    goOn((FurtherConfig) new RunFolder(twice).config(), twice, 6);

    assertThat(weights(twice)).isEqualTo(weights(once));
    assertThat(losses(twice)).isEqualTo(losses(once));
  }

  private static byte[] weights(Path run) throws IOException {
    return Files.readAllBytes(
        FurtherTraining.newestCheckpoint(run).orElseThrow().resolve(ModelExport.WEIGHTS));
  }

  @Test
  void runFolderSaysWhereTheWeightsCameFrom() {
    Path run = folder.resolve("run");
    FurtherConfig config = begin(FAMILIES.resolve("hf/mpt-3h"), null, 3, run);

    assertThat(new RunFolder(run).config()).isEqualTo(config);
    assertThat(FurtherTraining.settings(run)).hasValue(config);
  }

  // ---- what is refused, with nothing written

  @Test
  void methodsThatMakeNoSenseAreRefused() {
    assertRefused("hf/mpt-3h", "yarn:factor=4", "yarn", "rotary");
    assertRefused("gguf/qwen3.gguf", "coca:variant=slack+rerope:window=8", "moves positions");
    assertRefused("gguf/gemma2.gguf", "yarn:factor=4,layers=all", "layers");
  }

  private void assertRefused(String name, String method, String... words) {
    Path run = folder.resolve("refused");
    assertThatThrownBy(() -> begin(FAMILIES.resolve(name), method, 3, run))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll(words);
    assertThat(run).doesNotExist();
  }

  @Test
  void windowsLongerThanTheLearnedPlacesAreRefused() {
    try (TrainableModel model =
        TrainableModel.open(FAMILIES.resolve("gguf/gpt2.gguf"), METHODS, WORKERS)) {
      ModelSpec spec = model.spec();
      FurtherConfig config = config(3, "nope");
      FurtherConfig longer =
          new FurtherConfig(
              config.from(),
              spec.embedding().places() + 1,
              config.method(),
              config.batch(),
              config.schedule(),
              config.optimizer(),
              config.data(),
              config.seed(),
              config.precision(),
              config.threads(),
              config.intervals());
      StartingModel start =
          new StartingModel(
              spec, model.header(spec), model.weights(spec), Optional.empty(), List.of());

      assertThatThrownBy(() -> FurtherTraining.begin(longer, start, data, folder.resolve("run")))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContaining("learned only " + spec.embedding().places() + " places");
      assertThat(folder).isEmptyDirectory();
    }
  }

  @Test
  void dataOfAnotherTokenizerIsRefused() throws IOException {
    Path other = folder.resolve("other");
    Path text = Files.writeString(folder.resolve("other.txt"), "xyzw".repeat(60));
    List<DataSource> sources = List.of(new DataSource.Text(text));
    new DataPreparation(
            new TokenizerChoice.Characters(), Map.of("training", sources, "validation", sources))
        .writeTo(other, _ -> {});
    Path run = folder.resolve("run");
    try (TrainableModel model =
        TrainableModel.open(FAMILIES.resolve("gguf/qwen3.gguf"), METHODS, WORKERS)) {
      ModelSpec spec = model.spec();
      StartingModel start =
          new StartingModel(
              spec,
              model.header(spec),
              model.weights(spec),
              Optional.of(Tokenizers.open(other.resolve("tokenizer.json"))),
              List.of());

      assertThatThrownBy(() -> FurtherTraining.begin(config(3, "rope"), start, data, run))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContaining("prepare the data again with the model's tokenizer");
      assertThat(run).doesNotExist();
    }
  }

  @Test
  void settingsThatContradictTheModelAreRefused() throws IOException {
    try (TrainableModel model =
        TrainableModel.open(FAMILIES.resolve("gguf/qwen3.gguf"), METHODS, WORKERS)) {
      int hidden = model.spec().hiddenSize();
      ModelAgreement.require(block("{\"hiddenSize\": " + hidden + "}"), model.spec(), "m");
      assertThatThrownBy(
              () -> ModelAgreement.require(block("{\"hiddenSize\": 7}"), model.spec(), "m"))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContaining("\"model.hiddenSize\" is 7, but the model m has " + hidden);
      assertThatThrownBy(() -> ModelAgreement.require(block("{\"x\": 7}"), model.spec(), "m"))
          .hasMessageContaining("\"model.x\" is unknown");
    }
  }

  private static ObjectNode block(String json) throws IOException {
    return (ObjectNode) new ObjectMapper().readTree(json);
  }
}

package dev.lengthwise.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.attention.Attention;
import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.attention.vector.VectorAttention;
import dev.lengthwise.evaluate.Axes;
import dev.lengthwise.evaluate.MaskedTokensTask;
import dev.lengthwise.evaluate.Measurement;
import dev.lengthwise.evaluate.Measurement.Metric;
import dev.lengthwise.evaluate.Subject;
import dev.lengthwise.family.LoadedModel;
import dev.lengthwise.family.ModelLoader;
import dev.lengthwise.family.TokenizerFinder;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Rope;
import dev.lengthwise.model.Architecture;
import dev.lengthwise.model.Architecture.Direction;
import dev.lengthwise.model.Architectures;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.torch.ComputeDevice;
import dev.lengthwise.train.data.DataMix;
import dev.lengthwise.train.data.WindowBatch;
import dev.lengthwise.train.data.Windows;
import dev.lengthwise.train.distributed.SingleProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Bidirectional models learn to fill in masked tokens.
class BidirectionalTest {

  private static final int VOCABULARY = 301; // the tokenizer's 300 and the mask
  private static final DataMix MIX =
      new DataMix(
          List.of(new DataMix.Share("training", Windows.CROPS, 1)),
          new DataMix.HeldOut("validation", Windows.CROPS),
          List.of());

  @TempDir static Path shared;
  private static Path data;

  @TempDir Path folder;

  @BeforeAll
  static void prepare() {
    data = TinyTraining.data(shared);
  }

  private static TrainConfig config(String architecture, int steps, String method) {
    return TinyTraining.with(
        TinyTraining.with(
            TinyTraining.with(TinyTraining.config(steps, 1), MIX), model(architecture, VOCABULARY)),
        "method",
        method);
  }

  private static TrainConfig.Model model(String name, int vocabulary) {
    Architecture architecture = Architectures.of(name).with(Direction.BIDIRECTIONAL);
    int heads = architecture.hasOneHead() ? 1 : 2;
    return new TrainConfig.Model(
        vocabulary, 16, 2, heads, 1, 8, 24, 10_000, 1e-5, true, architecture);
  }

  private static PositionMethod method(TrainConfig config) {
    return new MethodParser(config.shape(), new Rope()).parse(config.method());
  }

  private void train(TrainConfig config) {
    Trainer.run(config, method(config), data, folder, SingleProcess.CPU, _ -> {});
  }

  @ParameterizedTest
  @ValueSource(strings = {"gau-alpha", "gau-squared-relu", "llama", "gau-and-attention"})
  void lossFallsAndTheSavedModelFillsInAsItDidInTraining(String name) throws IOException {
    TrainConfig config = config(name, 150, "rope+log-n:base=16,minimum=0.4");
    train(config);

    List<String> lines = Files.readAllLines(folder.resolve("metrics.jsonl"));
    JsonNode last = new ObjectMapper().readTree(lines.getLast());
    double first = new ObjectMapper().readTree(lines.getFirst()).get("loss").asDouble();
    assertThat(last.get("validationLoss").asDouble()).isLessThan(first - 1);
    assertThat(last.get("sample").asText()).contains("⟦").contains("⟧");

    Path saved = folder.resolve("checkpoints/00000150");
    JsonNode header = new ObjectMapper().readTree(saved.resolve("config.json").toFile());
    assertThat(header.get("mask_token_id").asInt()).isEqualTo(300);
    assertThat(header.get("architecture").get("direction").asText()).isEqualTo("bidirectional");
    ModelSpec spec = ModelExport.specOf(config, method(config));
    int[] ids = new int[config.trainedLength()];
    Arrays.setAll(ids, at -> (at * 37) % VOCABULARY);
    try (Parameters parameters =
            Parameters.read(spec, saved.resolve(ModelExport.WEIGHTS), ComputeDevice.CPU);
        dev.lengthwise.parallel.Workers workers = new dev.lengthwise.parallel.Workers(1);
        LoadedModel loaded = load(saved, workers);
        PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      TrainedModel trained =
          new TrainedModel(spec, parameters, spec.declared(), ScalarType.Float, false);
      int[] expected = trained.mostLikely(ids, ids.length, new TorchAttention());
      for (Attention engine :
          List.of(new TorchAttention(), new VectorAttention(workers), new ReferenceAttention())) {
        InferenceModel inference = inference(loaded, engine);
        Tensor logits = loaded.decoder().logits(inference.read(ids));
        for (int place = 0; place < ids.length; place++) {
          assertThat(logits.select(0, place).argmax().item().toInt()).isEqualTo(expected[place]);
        }
      }
    }
  }

  private static LoadedModel load(Path folder, dev.lengthwise.parallel.Workers workers) {
    return ModelLoader.load(
        folder, (value, shape) -> new MethodParser(shape, new Rope()).method(value), null, workers);
  }

  private static InferenceModel inference(LoadedModel loaded, Attention engine) {
    PositionMethod declared = loaded.spec().declared();
    return new InferenceModel(
        loaded.decoder(), new PlanFunction(loaded.spec().shape(), declared, declared), engine);
  }

  @Test
  void theTaskFillsInTheSameTokensAtEveryLength() {
    TrainConfig config = config("gau-alpha", 60, "rope");
    train(config);
    try (dev.lengthwise.parallel.Workers workers = new dev.lengthwise.parallel.Workers(1);
        LoadedModel loaded = load(folder.resolve("checkpoints/00000060"), workers)) {
      InferenceModel inference = inference(loaded, new TorchAttention());
      int[] document =
          TokenizerFinder.of(loaded).encode("public int add(int a, int b) ".repeat(20));
      Axes axes = new Axes(List.of(8, 16, 32), List.of(0.5), 1, document, 5, 4, 3);
      Map<Integer, Long> counts = new TreeMap<>();
      List<Measurement> all = new ArrayList<>();
      new MaskedTokensTask()
          .run(
              new Subject(inference, () -> TokenizerFinder.of(loaded), 16),
              axes,
              all::add,
              _ -> {});
      for (Measurement one : all) {
        counts.merge(one.length(), one.count(), Math::max);
        assertThat(one.value()).isBetween(0.0, one.metric() == Metric.MASKED_ACCURACY ? 1.0 : 20.0);
      }
      assertThat(counts.keySet()).containsExactly(8, 16, 32);
      assertThat(counts.values()).allMatch(count -> count.equals(counts.get(32)));
      // A text with room for two windows has no five.
      int[] brief = Arrays.copyOf(document, 33);
      Axes few = new Axes(List.of(32), List.of(0.5), 1, brief, 5, 4, 3);
      List<Measurement> ofTwo = new ArrayList<>();
      new MaskedTokensTask()
          .run(
              new Subject(inference, () -> TokenizerFinder.of(loaded), 16),
              few,
              ofTwo::add,
              _ -> {});
      assertThat(new MaskedTokensTask().cost(few)).isEqualTo(64);
      assertThat(ofTwo).hasSize(2).allMatch(one -> one.count() > 0 && one.count() < 40);
      assertThatThrownBy(inference::newSequence)
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContaining("cannot continue a text");
    }
  }

  @Test
  void everyTokenSeesEveryOther() {
    TrainConfig config = config("gau", 1, "rope");
    ModelSpec spec = ModelExport.specOf(config, method(config));
    try (Parameters parameters =
            Parameters.random(spec, Initialisation.NORMAL, 1, ComputeDevice.CPU);
        PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      PlanFunction plans = new PlanFunction(spec.shape(), new Rope(), new Rope());
      InferenceModel inference =
          new InferenceModel(parameters.decoder(ScalarType.Float), plans, new TorchAttention());
      Tensor before = inference.read(new int[] {1, 2, 3, 4, 5});
      Tensor after = inference.read(new int[] {1, 2, 3, 4, 6});
      for (int token = 0; token < 4; token++) {
        assertThat(after.select(0, token).sub(before.select(0, token)).abs().max().item_double())
            .as("token %d", token)
            .isGreaterThan(1e-6);
      }
    }
  }

  /// Where few tokens are targets, only these have logits: the loss of all targets is still that of
  /// the few and that of the others.
  @Test
  void fewTargetsHaveTheLossThatTheyHaveAmongMany() {
    TrainConfig config = config("gau-alpha", 1, "rope");
    ModelSpec spec = ModelExport.specOf(config, method(config));
    long[] ids = new long[32];
    Arrays.setAll(ids, at -> at * 7 % VOCABULARY);
    long[] few = new long[32];
    long[] others = new long[32];
    Arrays.setAll(few, at -> at % 11 == 3 ? at : WindowBatch.IGNORED);
    Arrays.setAll(others, at -> at % 11 == 3 ? WindowBatch.IGNORED : at);
    long[] all = new long[32];
    Arrays.setAll(all, at -> at);
    try (Parameters parameters =
        Parameters.random(spec, Initialisation.NORMAL, 1, ComputeDevice.CPU)) {
      TrainedModel model =
          new TrainedModel(spec, parameters, spec.declared(), ScalarType.Float, false);
      double[] losses = new double[3];
      int place = 0;
      for (long[] targets : List.of(few, others, all)) {
        losses[place++] = model.evaluate(new WindowBatch(ids, targets, 2), new TorchAttention());
      }
      assertThat(losses[0] + losses[1]).isCloseTo(losses[2], Offset.offset(1e-4));
    }
  }

  @Test
  void gradientsAreTheSameWhereLayersAreComputedAgain() {
    TrainConfig config = config("gau-alpha", 1, "rope");
    ModelSpec spec = ModelExport.specOf(config, method(config));
    long[] ids = new long[16];
    Arrays.setAll(ids, at -> at * 7 % VOCABULARY);
    WindowBatch batch = new WindowBatch(ids, ids.clone(), 1);
    try (Parameters parameters =
            Parameters.random(spec, Initialisation.NORMAL, 1, ComputeDevice.CPU);
        PointerScope _ = new PointerScope()) {
      double[] norms = new double[2];
      for (boolean again : new boolean[] {false, true}) {
        TrainedModel.Pass pass =
            new TrainedModel(spec, parameters, spec.declared(), ScalarType.Float, again)
                .pass(batch, new long[1], 1, new TorchAttention());
        for (Tensor gradient : pass.gradients().get()) {
          norms[again ? 1 : 0] += gradient.square().sum().item_double();
        }
        pass.gradients().releaseReference();
      }
      assertThat(norms[1]).isCloseTo(norms[0], Offset.offset(1e-5 * norms[0]));
    }
  }

  @Test
  void whatCannotBeMaskedIsRefused() {
    assertRefused(TinyTraining.with(config("gau", 1, "rope"), model("gau", 300)), "at least 301");
    assertRefused(TinyTraining.with(config("gau", 1, "rope"), TinyTraining.MIX), "data.questions");
    assertRefused(
        TinyTraining.with(
            config("gau", 1, "rope"),
            new DataMix(
                List.of(new DataMix.Share("training", Windows.WITHIN_DOCUMENTS, 1)),
                MIX.validation(),
                List.of())),
        "WITHIN_DOCUMENTS");
    assertRefused(config("gau", 1, "fire"), "place of the query");
    assertThatThrownBy(() -> Architectures.of("mixed").with(Direction.BIDIRECTIONAL))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("runs forwards");
  }

  private void assertRefused(TrainConfig config, String part) {
    assertThatThrownBy(() -> train(config))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining(part);
    assertThat(folder).isEmptyDirectory();
  }
}

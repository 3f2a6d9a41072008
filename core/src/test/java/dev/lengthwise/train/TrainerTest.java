package dev.lengthwise.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.checkpoint.safetensors.SafetensorsFile;
import dev.lengthwise.io.JsonFile;
import dev.lengthwise.train.distributed.SingleProcess;
import dev.lengthwise.train.optimise.OptimizerSettings;
import dev.lengthwise.train.optimise.Schedule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TrainerTest {

  private static final Schedule HOT = new Schedule.Cosine(8, 1e37, 0, 0);

  @TempDir static Path shared;
  private static Path data;

  @TempDir Path folder;

  @BeforeAll
  static void prepare() {
    data = TinyTraining.data(shared);
  }

  private static void train(TrainConfig config, Path run, int until) {
    Trainer.run(config, TinyTraining.ROPE, data, run, until, SingleProcess.CPU, _ -> {});
  }

  private static byte[] weights(Path run, int step) throws IOException {
    return Files.readAllBytes(run.resolve("checkpoints/%08d/model.safetensors".formatted(step)));
  }

  private static List<JsonNode> metrics(Path run) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
      lines.add(new ObjectMapper().readTree(line));
    }
    return lines;
  }

  @Test
  void lossFallsAndIsReported() throws IOException {
    train(TinyTraining.config(60, 1), folder, 60);

    List<JsonNode> lines = metrics(folder);
    assertThat(lines).hasSize(60);
    assertThat(lines.getFirst().get("loss").asDouble()).isBetween(5.0, 6.5);
    JsonNode last = lines.getLast();
    assertThat(last.get("loss").asDouble()).isLessThan(3.5);
    assertThat(last.get("validationLoss").asDouble()).isLessThan(3.5);
    assertThat(last.get("sample").asText()).startsWith("package");
    assertThat(last.get("tokens").asLong()).isEqualTo(60 * 4 * 16);
    assertThat(last.get("peakResidentBytes").asLong()).isGreaterThan(10L << 20);
    assertThat(last.get("learningRate").asDouble()).isCloseTo(1e-3, within(1e-9));
  }

  private static Offset<Double> within(double offset) {
    return Offset.offset(offset);
  }

  static Stream<OptimizerSettings> everyOptimizer() {
    return Stream.of(
        TinyTraining.config(6, 1).optimizer(), new OptimizerSettings.Tiger(0.965, 0.01, 3));
  }

  static Stream<Arguments> everyOptimizerAndSchedule() {
    List<Schedule> schedules =
        List.of(
            new Schedule.Cosine(6, 1e-2, 2, 0.1),
            new Schedule.Linear(6, 1e-2, 2, 0.1),
            new Schedule.Piecewise(6, 1e-2, List.of(new Schedule.Piecewise.Point(4, 1))),
            new Schedule.WarmUpStableDecay(6, 1e-2, 2, 2, 0.1));
    return everyOptimizer()
        .flatMap(
            optimizer -> schedules.stream().map(schedule -> Arguments.of(optimizer, schedule)));
  }

  @ParameterizedTest
  @MethodSource("everyOptimizerAndSchedule")
  void resumedRunHasTheBitsOfAnUninterruptedOne(OptimizerSettings optimizer, Schedule schedule)
      throws IOException {
    TrainConfig config =
        TinyTraining.with(TinyTraining.with(TinyTraining.config(6, 1), optimizer), schedule);
    Path once = folder.resolve("once");
    train(config, once, 6);
    Path twice = folder.resolve("twice");
    train(config, twice, 3);
    train(config, twice, 6);

    assertThat(weights(twice, 6)).isEqualTo(weights(once, 6));
    List<Double> losses = metrics(once).stream().map(line -> line.get("loss").asDouble()).toList();
    assertThat(metrics(twice)).extracting(line -> line.get("loss").asDouble()).isEqualTo(losses);
  }

  @Test
  void numberOfThreadsChangesNoBit() throws IOException {
    train(TinyTraining.config(3, 1), folder.resolve("one"), 3);
    train(TinyTraining.config(3, 2), folder.resolve("two"), 3);

    assertThat(weights(folder.resolve("two"), 3)).isEqualTo(weights(folder.resolve("one"), 3));
  }

  @Test
  void nativeMemoryStaysFlat() {
    train(TinyTraining.config(20, 2), folder, 20);
    System.gc();
    long before = Pointer.totalBytes();
    long physical = Pointer.physicalBytes();
    train(TinyTraining.config(70, 2), folder, 70);
    System.gc();

    assertThat(Pointer.totalBytes() - before).isLessThan(1L << 20);
    assertThat(Pointer.physicalBytes() - physical).isLessThan(200L << 20);
  }

  @Test
  void checkpointIsALlamaOfHuggingFace() throws IOException {
    train(TinyTraining.config(2, 1), folder, 2);
    Path model = folder.resolve("exported");
    ModelExport.export(TinyTraining.ROPE, data, folder, model, TinyTraining.WRITER);

    JsonNode config = new ObjectMapper().readTree(model.resolve("config.json").toFile());
    assertThat(config.get("architectures").get(0).asText()).isEqualTo("LlamaForCausalLM");
    assertThat(config.get("model_type").asText()).isEqualTo("llama");
    assertThat(config.get("max_position_embeddings").asInt()).isEqualTo(16);
    assertThat(config.get("rope_theta").asDouble()).isEqualTo(10_000);
    assertThat(config.get("tie_word_embeddings").asBoolean()).isTrue();
    assertThat(config.get("num_key_value_heads").asInt()).isEqualTo(1);
    assertThat(config.get("torch_dtype").asText()).isEqualTo("bfloat16");
    assertThat(model.resolve("tokenizer.json")).exists();
    try (SafetensorsFile file = SafetensorsFile.open(model.resolve("model.safetensors"))) {
      assertThat(file.tensors()).hasSize(2 + 9 * 2);
      assertThat(file.tensor("model.embed_tokens.weight").shape()).containsExactly(300, 16);
      assertThat(file.tensor("model.layers.1.mlp.down_proj.weight").type())
          .isEqualTo(DataType.BF16);
    }
  }

  @Test
  void divergenceLeavesTheLastCheckpoint() throws IOException {
    train(TinyTraining.config(4, 1), folder, 2);
    byte[] good = weights(folder, 2);
    TrainConfig hot = TinyTraining.with(TinyTraining.config(4, 1), HOT);

    assertThatThrownBy(() -> train(hot, folder, 4))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("training diverged")
        .hasMessageContaining("peakLearningRate");
    assertThat(weights(folder, 2)).isEqualTo(good);
    assertThat(Files.readString(folder.resolve("latest"))).isEqualTo("00000002");
  }

  @Test
  void tigerShrinksTheWeightsForAFewStepsBeforeItGivesUp() throws IOException {
    TrainConfig tiger =
        TinyTraining.with(
            TinyTraining.with(TinyTraining.config(8, 1), HOT),
            new OptimizerSettings.Tiger(0.965, 0.01, 3));
    Path run = folder.resolve("tiger");

    assertThatThrownBy(() -> train(tiger, run, 8))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("training diverged");
    // The first step leaves weights that have no finite loss; three of such are let pass.
    assertThat(metrics(run)).hasSize(4);
  }

  @Test
  void diskThatFillsWhileACheckpointIsWrittenLeavesTheLastOne() throws IOException {
    train(TinyTraining.config(4, 1), folder, 2);
    byte[] good = weights(folder, 2);
    RunFolder run = new RunFolder(folder);

    assertThatThrownBy(
            () ->
                run.save(
                    RunState.START.at(3),
                    inside -> {
                      JsonFile.write(inside.resolve("model.safetensors"), "half");
                      throw new LengthwiseException("No space left on device.");
                    }))
        .hasMessage("No space left on device.");
    assertThat(weights(folder, 2)).isEqualTo(good);
    assertThat(run.latest()).hasValue(folder.resolve("checkpoints/00000002"));
    try (var checkpoints = Files.list(folder.resolve("checkpoints"))) {
      assertThat(checkpoints).containsExactly(folder.resolve("checkpoints/00000002"));
    }
    train(TinyTraining.config(4, 1), folder, 4);
    assertThat(run.latest()).hasValue(folder.resolve("checkpoints/00000004"));
  }

  @Test
  void anEmptyPointerMeansTheNewestCheckpoint() throws IOException {
    RunFolder run = new RunFolder(folder);
    Files.writeString(folder.resolve("latest"), "");
    assertThat(run.latest()).isEmpty();
    Files.createDirectories(folder.resolve("checkpoints/00000002"));
    Files.createDirectories(folder.resolve("checkpoints/00000010"));
    Files.createDirectories(folder.resolve("checkpoints/.00000011.part"));
    assertThat(run.latest()).hasValue(folder.resolve("checkpoints/00000010"));
  }

  @Test
  void smallerVocabularyThanTheTokenizersIsRefused() {
    TrainConfig config = TinyTraining.config(2, 1);
    TrainConfig.Model model = config.model();
    TrainConfig small =
        TinyTraining.with(
            config,
            new TrainConfig.Model(
                100, 16, 2, 2, 1, 8, 24, model.rotaryBase(), 1e-5, true, model.architecture()));

    assertThatThrownBy(() -> train(small, folder, 2))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("model.vocabularySize")
        .hasMessageContaining("100");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void stopFileEndsTheRunWithACheckpoint() throws IOException {
    Files.createFile(folder.resolve("stop"));
    train(TinyTraining.config(50, 1), folder, 50);

    assertThat(Files.readString(folder.resolve("latest"))).isEqualTo("00000001");
    assertThat(folder.resolve("stop")).doesNotExist();
  }

  @Test
  void oldCheckpointsGoButTheBestStays() throws IOException {
    RunFolder run = new RunFolder(folder);
    RunState state = RunState.START;
    for (int step = 1; step <= 5; step++) {
      state = state.validated(step, step == 2 ? 1 : 2);
      run.save(state, _ -> {});
    }

    try (var checkpoints = Files.list(folder.resolve("checkpoints"))) {
      assertThat(checkpoints.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("00000002", "00000004", "00000005");
    }
  }

  @Test
  void otherConfigurationCannotGoOn() {
    train(TinyTraining.config(2, 1), folder, 1);
    TrainConfig other = TinyTraining.with(TinyTraining.config(2, 1), "method", "nope");

    assertThatThrownBy(() -> train(other, folder, 2))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("another configuration");
  }

  @Test
  void halfPrecisionTrainsToo() throws IOException {
    train(half(TinyTraining.config(40, 1)), folder, 40);

    assertThat(metrics(folder).getLast().get("loss").asDouble()).isLessThan(4);
  }

  @Test
  void numberOfThreadsChangesNoBitInHalfPrecision() throws IOException {
    train(half(TinyTraining.config(3, 1)), folder.resolve("one"), 3);
    train(half(TinyTraining.config(3, 2)), folder.resolve("two"), 3);

    assertThat(weights(folder.resolve("two"), 3)).isEqualTo(weights(folder.resolve("one"), 3));
  }

  private static TrainConfig half(TrainConfig config) {
    return TinyTraining.with(config, "precision", "BF16");
  }
}

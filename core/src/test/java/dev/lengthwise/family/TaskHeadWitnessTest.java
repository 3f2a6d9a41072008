package dev.lengthwise.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.open.Checkpoints;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.generate.WholeText;
import dev.lengthwise.model.ModelFiles;
import dev.lengthwise.model.TaskHead;
import dev.lengthwise.task.TaskAnswers;
import dev.lengthwise.task.TaskInput;
import dev.lengthwise.task.TaskLosses;
import dev.lengthwise.torch.ComputeDevice;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Answers and losses of small random encoders with heads that tools/task-fixtures.py computed in
/// float64: of the classes of transformers, and of the formulas of that file for GAU-α.
class TaskHeadWitnessTest {

  private static final double TOLERANCE = 2e-5;
  private static final List<String> LABELS = List.of("sport", "news", "court");

  static Stream<String> names() {
    return Witness.names("tasks").stream();
  }

  private static Path path(String name) {
    return Witness.resource("tasks/" + name);
  }

  private static JsonNode fixture(String name) {
    return Witness.json(Witness.resource("tasks/" + name + ".json"));
  }

  private static TaskHead.Kind kind(JsonNode fixture) {
    return TaskHead.Kind.valueOf(fixture.get("kind").asText().toUpperCase(Locale.ROOT));
  }

  @ParameterizedTest
  @MethodSource("names")
  void answersAndLossAreThoseOfFloat64(String name) {
    JsonNode fixture = fixture(name);
    try (LoadedModel mapped = Running.load(path(name));
        LoadedModel dense =
            ModelLoader.loadDense(
                path(name), Running.METHODS, Precision.F32, Running.WORKERS, ComputeDevice.CPU)) {
      TaskHead head = mapped.spec().task().orElseThrow();
      assertThat(head.kind()).isEqualTo(kind(fixture));
      assertThat(head.labels()).isEqualTo(head.kind().isLabelled() ? LABELS : List.of());
      compare(mapped, fixture, "kernels");
      compare(dense, fixture, "libtorch");
    }
  }

  private static void compare(LoadedModel model, JsonNode fixture, String place) {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      InferenceModel running =
          Running.inference(model, model.spec().declared(), new TorchAttention());
      List<Tensor> answers = TaskAnswers.of(running, texts(fixture), rows -> rows);
      assertThat(answers.stream().flatMapToDouble(TaskHeadWitnessTest::doubles).toArray())
          .as(place)
          .containsExactly(numbers(fixture.get("logits")), within(TOLERANCE));
      double loss = TaskLosses.of(kind(fixture), inputs(fixture), answers).item_double();
      assertThat(loss).as(place).isCloseTo(fixture.get("loss").asDouble(), within(TOLERANCE));
    }
  }

  private static List<WholeText> texts(JsonNode fixture) {
    return IntStream.range(0, fixture.get("texts").size())
        .mapToObj(
            text -> {
              int[] ids = ints(fixture.get("texts").get(text));
              return fixture.has("types")
                  ? new WholeText(ids, ints(fixture.get("types").get(text)))
                  : new WholeText(ids);
            })
        .toList();
  }

  private static List<TaskInput> inputs(JsonNode fixture) {
    List<WholeText> texts = texts(fixture);
    List<long[]> wanted = new ArrayList<>();
    fixture
        .get("wanted")
        .forEach(one -> wanted.add(Arrays.stream(ints(one)).asLongStream().toArray()));
    return kind(fixture) == TaskHead.Kind.CHOICE
        ? List.of(new TaskInput(texts, wanted))
        : IntStream.range(0, texts.size())
            .mapToObj(n -> new TaskInput(List.of(texts.get(n)), List.of(wanted.get(n))))
            .toList();
  }

  @ParameterizedTest
  @MethodSource("names")
  void whatIsWrittenHasTheNamesAndNumbersOfTheLibrary(String name) {
    try (TrainableModel model = TrainableModel.open(path(name), Running.METHODS, Running.WORKERS);
        Checkpoint file = Checkpoints.open(path(name));
        PointerScope _ = new PointerScope()) {
      ObjectNode header = model.header(model.spec());
      ModelFiles.Written written =
          new HuggingFaceWriter(Running.METHODS).write(header, model.weights(model.spec()));
      assertThat(written.config().get("architectures"))
          .isEqualTo(file.header().get("architectures"));
      assertThat(written.config().get("id2label")).isEqualTo(file.header().get("id2label"));
      assertThat(written.tensors().keySet()).containsExactlyInAnyOrderElementsOf(weights(file));
      written
          .tensors()
          .forEach(
              (tensor, values) ->
                  assertThat(doubles(values).toArray())
                      .as(tensor)
                      .isEqualTo(floats(file.tensor(tensor).toFloats())));
    }
  }

  // Sines and cosines are no weights.
  private static List<String> weights(Checkpoint file) {
    return file.tensors().keySet().stream()
        .filter(tensor -> !tensor.contains("embed_positions"))
        .toList();
  }

  @Test
  void aHeadIsPutOnAnEncoderThatHasAnother() {
    try (TrainableModel model =
        TrainableModel.openFor(
            path("bert-classification"),
            TaskHead.Kind.CLASSIFICATION,
            List.of("yes", "no"),
            Running.METHODS,
            Running.WORKERS)) {
      assertThat(model.spec().task().orElseThrow().labels()).containsExactly("yes", "no");
      assertThat(model.weights(model.spec()).keySet())
          .as("the pooler stays, the classes begin anew")
          .contains("task.dense.weight")
          .doesNotContain("task.output.weight");
    }
    try (TrainableModel model =
        TrainableModel.openFor(
            path("bert-classification"),
            TaskHead.Kind.CLASSIFICATION,
            LABELS,
            Running.METHODS,
            Running.WORKERS)) {
      assertThat(model.weights(model.spec())).containsKey("task.output.weight");
    }
  }

  private static DoubleStream doubles(Tensor tensor) {
    FloatBuffer buffer = tensor.contiguous().createBuffer();
    float[] values = new float[buffer.remaining()];
    buffer.get(values);
    return Arrays.stream(floats(values));
  }

  private static double[] floats(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(n -> values[n]).toArray();
  }

  private static double[] numbers(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false)
        .mapToDouble(JsonNode::asDouble)
        .toArray();
  }

  private static int[] ints(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }
}

package dev.lengthwise.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.family.HuggingFaceWriter;
import dev.lengthwise.family.TrainableModel;
import dev.lengthwise.generate.WholeText;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.runtime.OpenModel;
import dev.lengthwise.task.TaskInput;
import dev.lengthwise.torch.ComputeDevice;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.StreamSupport;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// One step of plain gradient descent moves weights as PyTorch's does (tools/task-fixtures.py).
class TaskStepTest {

  private static final Path FOLDER = Path.of("src/test/resources/families/tasks");

  @ParameterizedTest
  @CsvSource({
    "bert-classification, 4096",
    "bert-classification, 1",
    "bert-choice, 4096",
    "bert-reading, 4096",
    "bert-reading, 1",
    "bert-tagging, 4096",
    "bert-tagging, 1"
  })
  void aStepMovesWeightsAsPyTorchDoesInOnePassOrSeveral(String name, int tokens)
      throws IOException {
    JsonNode fixture = new ObjectMapper().readTree(FOLDER.resolve(name + ".json").toFile());
    try (PointerScope _ = new PointerScope();
        Workers workers = new Workers(1);
        TrainableModel model =
            TrainableModel.open(FOLDER.resolve(name), OpenModel::declared, workers);
        Parameters parameters =
            Parameters.of(model.spec(), model.weights(model.spec()), 1, ComputeDevice.CPU)) {
      Map<String, Tensor> moved = moved(parameters, fixture, tokens);
      Map<String, Tensor> written =
          new HuggingFaceWriter(OpenModel::declared)
              .write(model.header(model.spec()), moved)
              .tensors();
      fixture
          .get("after")
          .properties()
          .forEach(
              entry -> {
                Tensor own = Objects.requireNonNull(written.get(entry.getKey()));
                assertThat(floats(own))
                    .as(entry.getKey())
                    .containsExactly(numbers(entry.getValue()), within(2e-5f));
              });
    }
  }

  private static Map<String, Tensor> moved(Parameters parameters, JsonNode fixture, int tokens) {
    Scalar step = new Scalar(-fixture.get("step").asDouble());
    Map<String, Tensor> moved = new LinkedHashMap<>();
    parameters.tensors().forEach((name, weight) -> moved.put(name, weight.detach().clone()));
    new TaskGradient(parameters, new TorchAttention(), tokens)
        .of(
            inputs(fixture),
            new Dropout(0, 1, 1),
            gradients -> {
              int n = 0;
              for (Tensor weight : moved.values()) {
                weight.add_(gradients.get(n++).mul(step));
              }
            });
    return moved;
  }

  private static List<TaskInput> inputs(JsonNode fixture) {
    List<WholeText> texts = new ArrayList<>();
    for (int n = 0; n < fixture.get("texts").size(); n++) {
      texts.add(
          new WholeText(ints(fixture.get("texts").get(n)), ints(fixture.get("types").get(n))));
    }
    List<long[]> wanted = new ArrayList<>();
    for (JsonNode one : fixture.get("wanted")) {
      wanted.add(
          StreamSupport.stream(one.spliterator(), false).mapToLong(JsonNode::asLong).toArray());
    }
    return List.of(new TaskInput(texts, wanted));
  }

  private static int[] ints(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }

  private static float[] numbers(JsonNode list) {
    float[] numbers = new float[list.size()];
    for (int n = 0; n < numbers.length; n++) {
      numbers[n] = (float) list.get(n).asDouble();
    }
    return numbers;
  }

  private static float[] floats(Tensor tensor) {
    float[] numbers = new float[Math.toIntExact(tensor.numel())];
    tensor.contiguous().<FloatBuffer>createBuffer().get(numbers);
    return numbers;
  }
}

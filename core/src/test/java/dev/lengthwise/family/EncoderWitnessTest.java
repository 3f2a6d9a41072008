package dev.lengthwise.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lengthwise.attention.Attention;
import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.generate.WholeText;
import dev.lengthwise.torch.ComputeDevice;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Hidden states of small random encoders that tools/encoder-fixtures.py computed in float64: of
/// the classes of transformers where it has them, of the formulas of that file for the others.
/// Those of `jina.gguf` are llama.cpp's (tools/jina-fixtures.py).
class EncoderWitnessTest {

  private static final double TOLERANCE = 2e-5;

  static Stream<String> names() {
    return Witness.names("encoders").stream();
  }

  private static Path path(String name) {
    return Witness.resource("encoders/" + name);
  }

  @ParameterizedTest
  @MethodSource("names")
  void hiddenStatesAreThoseOfOtherPrograms(String name) {
    JsonNode fixture = Witness.json(Witness.resource("encoders/" + name + ".json"));
    double[] expected = numbers(fixture.get("hidden"));
    Offset<Double> near = within(fixture.path("tolerance").asDouble(TOLERANCE));
    try (LoadedModel mapped = Running.load(path(name));
        LoadedModel dense =
            ModelLoader.loadDense(
                path(name), Running.METHODS, Precision.F32, Running.WORKERS, ComputeDevice.CPU)) {
      assertThat(mapped.spec().isBidirectional()).isTrue();
      assertThat(hidden(mapped, new TorchAttention(), fixture))
          .as("kernels")
          .containsExactly(expected, near);
      assertThat(hidden(dense, new TorchAttention(), fixture))
          .as("libtorch")
          .containsExactly(expected, near);
      assertThat(hidden(mapped, new ReferenceAttention(), fixture))
          .as("reference")
          .containsExactly(expected, near);
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void aTextGetsBesideOthersWhatItGetsAlone(String name) {
    JsonNode fixture = Witness.json(Witness.resource("encoders/" + name + ".json"));
    WholeText text = text(fixture);
    WholeText shorter = new WholeText(new int[] {5, 9, 80});
    try (LoadedModel model = Running.load(path(name));
        PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      InferenceModel inference = inference(model, new TorchAttention());
      List<Tensor> together = inference.read(List.of(shorter, text, text, shorter));
      double[] alone = doubles(inference.read(List.of(text)).getFirst());
      double[] shortAlone = doubles(inference.read(List.of(shorter)).getFirst());
      assertThat(doubles(together.get(1))).containsExactly(alone, within(TOLERANCE));
      assertThat(doubles(together.get(2))).containsExactly(alone, within(TOLERANCE));
      assertThat(doubles(together.get(0))).containsExactly(shortAlone, within(TOLERANCE));
      assertThat(doubles(together.get(3))).containsExactly(shortAlone, within(TOLERANCE));
    }
  }

  private static WholeText text(JsonNode fixture) {
    int[] ids = ints(fixture.get("ids"));
    return fixture.has("types")
        ? new WholeText(ids, ints(fixture.get("types")))
        : new WholeText(ids);
  }

  private static InferenceModel inference(LoadedModel model, Attention engine) {
    return Running.inference(model, model.spec().declared(), engine);
  }

  private static double[] hidden(LoadedModel model, Attention engine, JsonNode fixture) {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      return doubles(inference(model, engine).read(List.of(text(fixture))).getFirst());
    }
  }

  private static double[] doubles(Tensor tensor) {
    FloatBuffer buffer = tensor.contiguous().createBuffer();
    float[] values = new float[buffer.remaining()];
    buffer.get(values);
    return IntStream.range(0, values.length).mapToDouble(n -> values[n]).toArray();
  }

  private static double[] numbers(JsonNode list) {
    return IntStream.range(0, list.size()).mapToDouble(n -> list.get(n).asDouble()).toArray();
  }

  private static int[] ints(JsonNode list) {
    return IntStream.range(0, list.size()).map(n -> list.get(n).asInt()).toArray();
  }
}

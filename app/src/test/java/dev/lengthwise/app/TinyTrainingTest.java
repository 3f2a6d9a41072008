package dev.lengthwise.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.app.options.Home;
import dev.lengthwise.method.Methods;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `train --tiny`: every method and every kind of layer trains, is saved, read again and generates.
class TinyTrainingTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  /// Of methods that cannot do without, in a model whose heads have 32 channels.
  private static final Map<String, String> PARAMETERS =
      Map.ofEntries(
          Map.entry("linear", ":factor=4"),
          Map.entry("ntk", ":factor=4"),
          Map.entry("ntk-by-parts", ":factor=4"),
          Map.entry("ntk-mixed", ":factor=4"),
          Map.entry("yarn", ":factor=4"),
          Map.entry("longrope", ":short=" + ones(16) + ",long=" + ones(16)),
          Map.entry("llama3", ":factor=4"));

  @TempDir Path folder;

  private static String ones(int count) {
    return String.join(";", Collections.nCopies(count, "1"));
  }

  private static ObjectNode settings() throws IOException {
    Path file = Path.of("..", "models", Home.BUNDLED_MODEL, "train.json");
    return ((ObjectNode) JSON.readTree(file.toFile())).put("threads", 1);
  }

  private static ObjectNode architecture(ObjectNode settings) {
    return (ObjectNode) settings.get("model").get("architecture");
  }

  private Path write(JsonNode settings) throws IOException {
    Path file = folder.resolve("train.json");
    JSON.writeValue(file.toFile(), settings);
    return file;
  }

  private void trainsAndGenerates(ObjectNode settings) throws IOException {
    String model = trains(settings);
    Run generated = Run.of("generate", "-m", model, "-p", "a".repeat(40), "-n", "9");
    assertThat(generated.status()).as(generated.err()).isZero();
  }

  // The folder of the trained model.
  private String trains(ObjectNode settings) throws IOException {
    Path run = folder.resolve("run");
    Run trained =
        Run.of("train", "--config", write(settings).toString(), "--tiny", "--out", run.toString());
    assertThat(trained.status()).as(trained.err()).isZero();
    assertThat(trained.out()).isEqualTo(run.resolve("model") + "\n");
    assertThat(Files.readAllLines(run.resolve("metrics.jsonl"))).hasSize(8);
    return trained.out().strip();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gau", "gau-squared-relu"})
  void bidirectionalModelsTrainAndRefuseToContinueATextWithNothingLeftBehind(String block)
      throws IOException {
    ObjectNode settings = settings();
    architecture(settings).put("direction", "bidirectional").putArray("blocks").add(block);
    ((ObjectNode) settings.get("model")).put("heads", 1).put("keyValueHeads", 1);
    ((ObjectNode) settings.get("data")).putArray("questions");
    String model = trains(settings);
    Path text = Files.writeString(folder.resolve("text"), "int a = 1;".repeat(60));
    Path out = folder.resolve("out");
    for (List<String> command :
        List.of(
            List.of("generate", "-p", "a"),
            List.of("perplexity", "-f", text.toString()),
            List.of("passkey", "--lengths", "100"),
            List.of("diagnose", "-f", text.toString(), "--report", out.toString()),
            List.of("compare", "-f", text.toString(), "--out", out.toString()))) {
      List<String> all = new ArrayList<>(command);
      all.addAll(List.of("-m", model));
      Run refused = Run.of(all.toArray(String[]::new));
      assertThat(refused.status()).as(refused.err()).isEqualTo(1);
      assertThat(refused.err()).contains("is bidirectional").hasLineCount(1);
      assertThat(out).doesNotExist();
    }
  }

  static Stream<String> methods() {
    return Methods.names().stream().map(name -> name + PARAMETERS.getOrDefault(name, ""));
  }

  @ParameterizedTest
  @MethodSource("methods")
  void everyMethodTrains(String method) throws IOException {
    trainsAndGenerates(settings().put("method", method));
  }

  @ParameterizedTest
  @CsvSource({
    "attention, post, rms-without-gain, gelu, true",
    "attention, parallel, layer-norm, swiglu, false",
    "attention-with-bias, parallel-two-norms, layer-norm, gelu-with-bias, false",
    "gau, post, rms-without-gain, swiglu, false",
    "gau-squared-relu, pre, layer-norm, swiglu, true",
    "gau attention, pre, rms, swiglu, false",
    "lru, pre, rms, gelu, false",
    "lru lru attention, pre, rms, swiglu, true"
  })
  void everyKindOfLayerTrains(
      String blocks, String placement, String norm, String feedForward, boolean bias)
      throws IOException {
    ObjectNode settings = settings();
    architecture(settings)
        .put("placement", placement)
        .put("norm", norm)
        .put("feedForward", feedForward)
        .put("queryKeyBias", bias)
        .set("blocks", JSON.valueToTree(List.of(blocks.split(" "))));
    if (blocks.startsWith("gau") && !blocks.contains("attention")) {
      ((ObjectNode) settings.get("model")).put("heads", 1).put("keyValueHeads", 1);
    }
    trainsAndGenerates(settings);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"name\":\"cosine\",\"steps\":9000,\"peakLearningRate\":0.001,\"warmUpSteps\":1,"
            + "\"finalFraction\":0}",
        "{\"name\":\"linear\",\"steps\":9000,\"peakLearningRate\":0.001,\"warmUpSteps\":9000,"
            + "\"finalFraction\":0}",
        "{\"name\":\"piecewise\",\"steps\":9000,\"peakLearningRate\":0.001,\"points\":["
            + "{\"step\":0,\"fraction\":0},{\"step\":10,\"fraction\":1},"
            + "{\"step\":20,\"fraction\":0.5},{\"step\":9001,\"fraction\":0}]}",
        "{\"name\":\"wsd\",\"steps\":9000,\"peakLearningRate\":0.001,\"warmUpSteps\":4500,"
            + "\"stableSteps\":4500,\"finalFraction\":0}"
      })
  void everyScheduleShrinks(String schedule) throws IOException {
    ObjectNode settings = settings();
    settings.set("schedule", JSON.readTree(schedule));
    settings.set(
        "optimizer",
        JSON.readTree("{\"name\":\"tiger\",\"beta\":0.9,\"weightDecay\":0,\"toleratedSteps\":0}"));
    settings.put("initialisation", "DEEP_NORM");
    trainsAndGenerates(settings);
  }

  @Test
  void withoutAFolderNothingIsKept() throws IOException {
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    long before = leftIn(temporary);

    Run run = Run.of("train", "--config", write(settings()).toString(), "--tiny");

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).isEqualTo(folder.resolve("train.json") + " works, at a tiny size\n");
    assertThat(run.err()).contains("step 8 loss");
    assertThat(leftIn(temporary)).isEqualTo(before);
  }

  private static long leftIn(Path temporary) throws IOException {
    try (var inside = Files.list(temporary)) {
      return inside.filter(path -> path.getFileName().toString().startsWith("lengthwise-")).count();
    }
  }

  @Test
  void dataThatDoesNotSuitTheWholeModelIsRefused() throws IOException {
    Path data = folder.resolve("data");
    Run prepared =
        Run.of(
            "prepare",
            "--tokenizer",
            "bytes",
            "--source",
            "training=generated:reverse,documents=10",
            "--source",
            "retrieval=generated:reverse,documents=10",
            "--source",
            "validation=generated:reverse,documents=10",
            "--out",
            data.toString());
    assertThat(prepared.status()).as(prepared.err()).isZero();
    ObjectNode settings = settings().put("trainedLength", 4096);

    Run run =
        Run.of(
            "train", "--config", write(settings).toString(), "--tiny", "--data", data.toString());

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("one window needs 4097");
  }
}

package dev.lengthwise.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.family.Witness.Way;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.position.PositionMethod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Losses of small random Hugging Face checkpoints that other programs computed, with the models'
/// own positions and under methods: in float64, and those of MiniCPM, InternLM 2, Orion and
/// Baichuan by llama.cpp in f32 (`tools/llama-cpp-fixtures.py`), with a `tolerance` where their
/// stacks are deep. Some are test resources; the others are read where they are present.
/// `beginnings` of a fixture are losses of its first ids alone.
class HuggingFaceWitnessTest {

  private static final double TOLERANCE = 2e-5;
  private static final String OWN = "own";

  private static final List<String> SHARED =
      List.of(
          "bloom",
          "bloom-bare",
          "cohere2",
          "falcon-gqa",
          "falcon-mq",
          "gemma2",
          "gemma3",
          "gpt2",
          "gpt2-bare",
          "gpt_neox",
          "gpt_neox-seq",
          "gptj-hub",
          "mixtral",
          "mpt-4h",
          "mpt-6h",
          "olmo2",
          "phi3-longrope",
          "qwen3",
          "smollm3",
          "stablelm",
          "stablelm-qk");

  @TempDir private Path changed;

  static Stream<Arguments> committed() {
    return inEveryWay(Witness.names("hf"));
  }

  static Stream<Arguments> shared() {
    return inEveryWay(SHARED);
  }

  private static Stream<Arguments> inEveryWay(List<String> names) {
    return names.stream()
        .flatMap(name -> Arrays.stream(Way.values()).map(way -> Arguments.of(name, way)));
  }

  @ParameterizedTest
  @MethodSource("committed")
  void lossesOfCommittedModelsAreThoseOfFloat64(String name, Way way) throws IOException {
    check(Witness.resource("hf"), name, way);
  }

  @ParameterizedTest
  @MethodSource("shared")
  void lossesOfSharedModelsAreThoseOfFloat64(String name, Way way) throws IOException {
    check(SharedData.file("families-hf/" + name).resolveSibling(""), name, way);
  }

  static Stream<Arguments> keysThatMatter() {
    return Witness.names("hf").stream()
        .flatMap(
            name -> {
              JsonNode keys =
                  Witness.json(Witness.resource("hf/" + name + ".json")).path("matters");
              return keys.propertyStream()
                  .map(key -> Arguments.of(name, key.getKey(), key.getValue()));
            });
  }

  // The right losses would show nothing of a key that has no effect.
  @ParameterizedTest
  @MethodSource("keysThatMatter")
  void anotherValueOfAKeyGivesOtherLosses(String name, String key, JsonNode value)
      throws IOException {
    Path folder = Witness.resource("hf");
    int[] ids = ids(folder, name);
    JsonNode expected = Witness.json(folder.resolve(name + ".json")).at("/methods/own/nll");
    ObjectNode config = Witness.json(folder.resolve(name).resolve("config.json")).deepCopy();
    new ObjectMapper().writeValue(changed.resolve("config.json").toFile(), config.set(key, value));
    Files.copy(
        folder.resolve(name).resolve("model.safetensors"), changed.resolve("model.safetensors"));
    try (LoadedModel model = Running.load(changed)) {
      float[] logits = Witness.logits(model, method(model, OWN), Way.KERNELS, ids, ids.length);
      double[] found = losses(logits, ids, model.spec().vocabularySize());
      double greatest = 0;
      for (int place = 0; place < found.length; place++) {
        greatest = Math.max(greatest, Math.abs(found[place] - expected.get(place).asDouble()));
      }
      assertThat(greatest).isGreaterThan(1e-3);
    }
  }

  private static int[] ids(Path folder, String name) throws IOException {
    return Arrays.stream(Files.readString(folder.resolve(name + ".ids.txt")).trim().split("\\s+"))
        .mapToInt(Integer::parseInt)
        .toArray();
  }

  private static void check(Path folder, String name, Way way) throws IOException {
    int[] ids = ids(folder, name);
    JsonNode fixture = Witness.json(folder.resolve(name + ".json"));
    double tolerance = fixture.path("tolerance").asDouble(TOLERANCE);
    try (LoadedModel model = way.load(folder.resolve(name))) {
      check(model, way, ids, fixture.get("methods"), tolerance);
      check(model, way, ids, fixture.path("beginnings"), tolerance);
    }
  }

  // Losses of the text as far as there are expected ones.
  private static void check(
      LoadedModel model, Way way, int[] all, JsonNode methods, double tolerance) {
    List<String> names = new ArrayList<>();
    methods.fieldNames().forEachRemaining(names::add);
    for (String text : names) {
      double[] expected = numbers(methods.get(text).get("nll"));
      int[] ids = Arrays.copyOf(all, expected.length + 1);
      float[] logits = Witness.logits(model, method(model, text), way, ids, ids.length);
      assertThat(losses(logits, ids, model.spec().vocabularySize()))
          .as("%s, %d ids", text, ids.length)
          .containsExactly(expected, within(tolerance));
    }
  }

  private static PositionMethod method(LoadedModel model, String text) {
    PositionMethod declared = model.spec().declared();
    return text.equals(OWN)
        ? declared
        : new MethodParser(model.spec().shape(), declared).parse(text);
  }

  private static double[] losses(float[] logits, int[] ids, int vocabulary) {
    double[] losses = new double[ids.length - 1];
    for (int token = 0; token < losses.length; token++) {
      double greatest = Double.NEGATIVE_INFINITY;
      for (int id = 0; id < vocabulary; id++) {
        greatest = Math.max(greatest, logits[token * vocabulary + id]);
      }
      double sum = 0;
      for (int id = 0; id < vocabulary; id++) {
        sum += Math.exp(logits[token * vocabulary + id] - greatest);
      }
      losses[token] = Math.log(sum) + greatest - logits[token * vocabulary + ids[token + 1]];
    }
    return losses;
  }

  private static double[] numbers(JsonNode list) {
    double[] numbers = new double[list.size()];
    for (int n = 0; n < numbers.length; n++) {
      numbers[n] = list.get(n).asDouble();
    }
    return numbers;
  }
}

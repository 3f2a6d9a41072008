package dev.lengthwise.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.family.Witness.Way;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.position.Compatibility;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PositionMethod;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Losses of small models of every kind of family under every kind of position method, which a
/// program of its own computed in float64 (`tools/method-fixtures.py`): every method on rotation of
/// both layouts, of a part of a head, of latent keys, on ALiBi and learned places, with head norms,
/// caps, sinks, multipliers and temperatures, on models whose layers differ, with and without
/// `layers=all`. The models are those of [HuggingFaceWitnessTest] and [GgufWitnessTest].
class MethodsOnFamiliesTest {

  private static final double TOLERANCE = 2e-5;

  /// Tokens of which ways that read token by token take the first ones: beyond every window.
  private static final int FIRST = 50;

  @TempDir private Path folder;

  private static List<String> names() {
    return Stream.of("hf", "gguf")
        .flatMap(kind -> Witness.names("methods/" + kind).stream().map(name -> kind + "/" + name))
        .toList();
  }

  static Stream<Arguments> everyModelInEveryWay() {
    return names().stream()
        .flatMap(name -> Arrays.stream(Way.values()).map(way -> Arguments.of(name, way)));
  }

  @ParameterizedTest
  @MethodSource("everyModelInEveryWay")
  void lossesUnderMethodsAreThoseOfFloat64(String name, Way way) throws IOException {
    try (LoadedModel model = way.load(path(name))) {
      assertLosses(name, model, way);
    }
  }

  /// Models that GGUF files describe whole, those that llama.cpp would compute likewise.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "cohere",
        "glm",
        "glm4",
        "gpt_bigcode",
        "granite",
        "ministral3",
        "nemotron",
        "olmo",
        "olmo3",
        "phi"
      })
  void theGgufFileOfAModelHasTheSameLosses(String name) throws IOException {
    Path file = folder.resolve("model.gguf");
    GgufExportTest.export(Witness.resource("hf/" + name), file, DataType.F32);
    try (LoadedModel model = Running.load(file)) {
      assertLosses("hf/" + name, model, Way.KERNELS);
    }
  }

  /// What has no losses here: a method that the weights or the other parts of a plan contradict, or
  /// that would change nothing.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gptj-1 | alibi, kerple, sandwich, t5, fire, nope | takes away the rotation",
        "gptj-1 | key-norm, query-norm, cosine, xpos | changes queries and keys in a way",
        "gptj-1 | coca | needs heads that turn whole, and here 8 of 12 channels turn",
        "gptj-1 | inverse-leaky, hwfa2, random-positions | is a way to train",
        "gptj-1 | longrope | needs the factor lists of a checkpoint",
        "gptj-1 | rerope+window, rerope+lm-infinite | both set the branches",
        "gptj-1 | linear:factor=2+yarn:factor=2 | both set the rotary frequencies",
        "gptj-1 | yarn:factor=4+log-n | both set the score scale",
        "mpt-3h | rope, linear:factor=4, yarn:factor=4, xpos | has no rotary positions",
        "falcon-alibi | kerple, sandwich, t5, fire, nope | replaces the score bias",
        "bloom-normed | key-norm, query-norm, cosine | changes queries and keys in a way",
        "opt | rerope, self-extend, dual-chunk | moves positions, and this model has none",
        "gpt_bigcode | alibi, kerple | adds a score bias that the weights do not know",
        "gpt_neo | rerope:layers=all | moves positions, and this model has none",
        "gemma3-bias | alibi, nope | takes away the rotation",
        "gpt_oss | hwfa | takes away the rotation",
        "deepseek_v2 | coca | needs heads that turn whole",
        "exaone4 | linear:factor=4, yarn:factor=4, dynamic-ntk | with the key layers=all",
        "exaone4 | rerope, leaky-rerope, self-extend, dual-chunk | with the key layers=all",
        "llama4 | rerope+log-n, ntk:factor=4 | with the key layers=all",
      })
  void whatMakesNoSenseIsRefusedWithTheReason(String name, String methods, String reason) {
    try (LoadedModel model = Running.load(Witness.resource("hf/" + name))) {
      for (String method : methods.split(", ", -1)) {
        assertThat(refusal(model, method)).as(method).get().asString().contains(reason);
      }
    }
  }

  private static void assertLosses(String name, LoadedModel model, Way way) throws IOException {
    JsonNode fixture = Witness.json(Witness.resource("methods/" + name + ".json"));
    int first = fixture.get("first").asInt();
    int every = fixture.get("every").asInt();
    int[] ids = ids(name);
    int read = way.byTokens() ? FIRST : ids.length;
    int vocabulary = model.spec().vocabularySize();
    for (var losses : fixture.get("losses").properties()) {
      PositionMethod method = method(model, losses.getKey());
      assertThat(refusal(model, losses.getKey())).isEmpty();
      if (method.dependsOnSteps() && !way.byTokens()) {
        continue; // Keys of the middle are those of every token where a text is read by tokens.
      }
      float[] logits = Witness.logits(model, method, way, Arrays.copyOf(ids, read), ids.length);
      int[] places = IntStream.iterate(first, at -> at < read - 1, at -> at + every).toArray();
      double[] found =
          Arrays.stream(places)
              .mapToDouble(at -> Witness.loss(logits, at, ids, vocabulary))
              .toArray();
      double[] expected =
          IntStream.range(0, places.length)
              .mapToDouble(n -> losses.getValue().get(n).asDouble())
              .toArray();
      assertThat(found)
          .as("%s, every %dth loss from the %dth", losses.getKey(), every, first)
          .containsExactly(expected, within(TOLERANCE));
    }
  }

  private static Path path(String name) {
    return Witness.resource(name.startsWith("gguf") ? name + ".gguf" : name);
  }

  private static int[] ids(String name) throws IOException {
    if (name.startsWith("gguf")) {
      JsonNode ids = Witness.json(Witness.resource(name + ".json")).get("ids");
      return StreamSupport.stream(ids.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
    }
    return Witness.ids(name.substring("hf/".length()));
  }

  private static PositionMethod method(LoadedModel model, String text) {
    PositionMethod declared = model.spec().declared();
    return text.equals("own")
        ? declared
        : new MethodParser(model.spec().shape(), declared).parse(text);
  }

  /// Why a model refuses a method, whose text is one that its parser may refuse.
  private static Optional<String> refusal(LoadedModel model, String text) {
    ModelShape shape = model.spec().shape();
    try {
      return Compatibility.refusal(shape, model.spec().declared(), method(model, text));
    } catch (LengthwiseException e) {
      return Optional.ofNullable(e.getMessage());
    }
  }
}

package dev.lengthwise.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.generate.SamplingStep.Bias;
import dev.lengthwise.generate.SamplingStep.MinP;
import dev.lengthwise.generate.SamplingStep.Mirostat;
import dev.lengthwise.generate.SamplingStep.Penalties;
import dev.lengthwise.generate.SamplingStep.Temperature;
import dev.lengthwise.generate.SamplingStep.TopK;
import dev.lengthwise.generate.SamplingStep.TopNSigma;
import dev.lengthwise.generate.SamplingStep.TopP;
import dev.lengthwise.generate.SamplingStep.Typical;
import dev.lengthwise.generate.SamplingStep.Xtc;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Steps beside Hugging Face's (`sampling.json` is made by `tools/sampling-fixtures.py`), and those
/// that it does not have beside their definitions.
class SamplingStepTest {

  static Stream<JsonNode> goldens() throws IOException {
    try (var in = SamplingStepTest.class.getResourceAsStream("/sampling.json")) {
      return StreamSupport.stream(new JsonMapper().readTree(in).get("cases").spliterator(), false);
    }
  }

  private static SamplingStep step(JsonNode golden) {
    double first = golden.at("/parameters/0").asDouble();
    return switch (golden.get("step").asText()) {
      case "repetition" -> new Penalties(first, 0, 0, -1);
      case "top-k" -> new TopK((int) first);
      case "top-p" -> new TopP(first);
      case "typical" -> new Typical(first);
      case "min-p" -> new MinP(first);
      case "temperature" -> new Temperature(first);
      case "bias" -> new Bias(Map.of((int) first, golden.at("/parameters/1").asDouble()));
      default -> throw new AssertionError(golden);
    };
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void stepsDoWhatHuggingFaceDoes(JsonNode golden) {
    float[] logits = new float[golden.get("logits").size()];
    for (int id = 0; id < logits.length; id++) {
      logits[id] = (float) golden.get("logits").get(id).asDouble();
    }
    Sampler sampler = new Sampler(new Sampling(List.of(step(golden)), 0));
    sampler.accept(
        StreamSupport.stream(golden.get("ids").spliterator(), false)
            .mapToInt(JsonNode::asInt)
            .toArray());
    Candidates found = sampler.candidatesAfterSteps(logits);
    Map<Integer, Double> kept = new TreeMap<>();
    for (int rank = 0; rank < found.count(); rank++) {
      kept.put(found.id(rank), found.logit(rank));
    }
    Map<Integer, Double> expected = new TreeMap<>();
    for (int id = 0; id < logits.length; id++) {
      if (!golden.get("scores").get(id).isNull()) {
        expected.put(id, golden.get("scores").get(id).asDouble());
      }
    }
    assertThat(kept.keySet()).isEqualTo(expected.keySet());
    kept.forEach((id, logit) -> assertThat(logit).isCloseTo(expected.get(id), within(1e-5)));
  }

  private static Set<Integer> drawn(SamplingStep step, float... logits) {
    Sampler sampler = new Sampler(new Sampling(List.of(step), 1));
    Set<Integer> ids = new TreeSet<>();
    IntStream.range(0, 500).forEach(_ -> ids.add(sampler.next(logits)));
    return ids;
  }

  // Logits of these probabilities.
  private static float[] logs(double... probabilities) {
    float[] logits = new float[probabilities.length];
    for (int id = 0; id < logits.length; id++) {
      logits[id] = (float) Math.log(probabilities[id]);
    }
    return logits;
  }

  @Test
  void frequencyAndPresenceAreTakenFromLogits() {
    Sampler sampler = new Sampler(new Sampling(List.of(new Penalties(1, 0.5, 0.25, 3)), 0));
    sampler.accept(0, 2, 1, 2); // the first is too far back
    Candidates found = sampler.candidatesAfterSteps(new float[] {1, 1, 1, 1});

    assertThat(IntStream.range(0, 4).mapToObj(found::logit)).containsExactly(1.0, 0.25, -0.25, 1.0);
  }

  /// Logits 4, 0, 0, 0: their mean is 1 and their deviation √3.
  @Test
  void topNSigmaCountsDeviationsBelowTheGreatest() {
    assertThat(drawn(new TopNSigma(2.3), 4, 0, 0, 0)).containsExactly(0);
    assertThat(drawn(new TopNSigma(2.4), 4, 0, 0, 0)).containsExactly(0, 1, 2, 3);
  }

  @Test
  void xtcLeavesOutTheTopChoicesButTheLeastOfThem() {
    float[] logits = logs(0.4, 0.3, 0.2, 0.1);
    assertThat(drawn(new Xtc(1, 0.15), logits)).containsExactly(2, 3);
    assertThat(drawn(new Xtc(1, 0.35), logits)).containsExactly(0, 1, 2, 3);
    assertThat(drawn(new Xtc(0.5, 0.15), logits)).containsExactly(0, 1, 2, 3);
  }

  @Test
  void xtcComesBeforeAGreedyChoice() {
    Sampler sampler = new Sampler(Sampling.GREEDY.with(new Xtc(1, 0.15)));
    assertThat(sampler.next(logs(0.4, 0.3, 0.2, 0.1))).isEqualTo(2);
  }

  /// The surprise of a text of equal draws comes to the target.
  @ParameterizedTest
  @MethodSource("versions")
  void mirostatHoldsTheSurpriseAtItsTarget(int version) {
    float[] logits = new float[2000];
    for (int id = 0; id < logits.length; id++) {
      logits[id] = (float) (-1.1 * Math.log(id + 1.0)); // Zipf's law, on which version 1 rests
    }
    Sampler sampler = new Sampler(new Sampling(List.of(new Mirostat(version, 4, 0.1)), 3));
    double surprise = 0;
    for (int n = 0; n < 3000; n++) {
      Candidates left = sampler.candidatesAfterSteps(logits);
      int id = sampler.next(logits);
      int rank =
          IntStream.range(0, left.count())
              .filter(at -> left.id(at) == id)
              .findFirst()
              .orElseThrow();
      surprise -= Math.log(left.probabilities()[rank]) / Math.log(2) / 3000;
    }
    assertThat(surprise).isCloseTo(4, within(0.1));
  }

  static List<Integer> versions() {
    return List.of(1, 2);
  }

  @Test
  void stepsKeepTheirUsualOrder() {
    Sampling sampling =
        Sampling.GREEDY.with(new TopP(0.5)).with(new Penalties(1.1, 0, 0, 64)).with(new TopP(0.9));

    assertThat(sampling.steps())
        .containsExactly(new Penalties(1.1, 0, 0, 64), new TopP(0.9), new Temperature(0));
  }

  @Test
  void aBiasOfATokenForWhichTheModelHasNoRowChangesNothing() {
    assertThat(drawn(new Bias(Map.of(2, 50.0)), 0, 9)).containsExactly(1);
  }

  @Test
  void aForbiddenTokenIsNeverDrawnAndOneMustBeLeft() {
    assertThat(drawn(new Bias(Map.of(0, Double.NEGATIVE_INFINITY)), 9, 0)).containsExactly(1);
    Sampler none =
        new Sampler(
            Sampling.GREEDY.with(
                new Bias(Map.of(0, Double.NEGATIVE_INFINITY, 1, Double.NEGATIVE_INFINITY))));
    assertThatThrownBy(() -> none.next(new float[] {1, 2}))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("Every token is forbidden");
  }
}

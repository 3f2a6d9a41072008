package dev.lengthwise.diagnose;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.generate.TinyDecoder;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Rope;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanFunction;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class ScoreGrowthTest {

  private static final int TOKENS = 20;
  private static final Offset<Double> CLOSE = Offset.offset(1e-9);
  private static final ModelShape SHAPE = new ModelShape(2, 4, 2, 6, 6, 10_000, 12);

  private static InferenceModel model(String method) {
    Rope rope = new Rope();
    return new InferenceModel(
        TinyDecoder.random(SHAPE, rope, 5),
        new PlanFunction(SHAPE, rope, new MethodParser(SHAPE, rope).parse(method)),
        new TorchAttention());
  }

  @Test
  void greatestScoreNeverFallsWithTheDistance() {
    List<ScoreGrowth> growth =
        ScoreGrowth.of(
            model("rope"), List.of(TinyDecoder.ids(TOKENS, 1), TinyDecoder.ids(TOKENS, 2)));

    assertThat(growth).hasSize(TOKENS);
    for (int distance = 1; distance < TOKENS; distance++) {
      assertThat(growth.get(distance).mean())
          .isGreaterThanOrEqualTo(growth.get(distance - 1).mean() - 1e-12);
    }
    assertThat(growth.getLast().deviation()).isPositive();
  }

  @Test
  void keysOutsideOfAWindowCountNothing() {
    List<ScoreGrowth> growth =
        ScoreGrowth.of(model("window:window=5"), List.of(TinyDecoder.ids(TOKENS, 1)));

    assertThat(growth.getLast().mean()).isEqualTo(growth.get(4).mean());
    assertThat(growth.get(4).mean()).isGreaterThan(growth.getFirst().mean());
  }

  /// At distance 0 the scores are those of the last token with itself, which the tally over all
  /// pairs has too: one layer after the other, its mean over heads where all scores are positive.
  @Test
  void nearestScoresAreThoseOfTheTally() {
    int[] one = TinyDecoder.ids(1, 3);
    List<ScoreGrowth> growth = ScoreGrowth.of(model("rope"), List.of(one));
    List<LayerDiagnosis> layers =
        TextDiagnosis.of(
            model("rope"),
            one,
            _ -> true,
            Set.of(LayerDiagnosis.Part.ATTENTION),
            new AttentionSummary.Zones(0, 1, 1));
    double bound =
        layers.stream()
            .map(layer -> Objects.requireNonNull(layer.attention()))
            .mapToDouble(attention -> Math.abs(attention.distances().getFirst().mean()))
            .average()
            .orElseThrow();

    // |mean| ≤ mean of |scores|, with equality where no signs differ.
    assertThat(growth.getFirst().mean()).isGreaterThanOrEqualTo(bound - CLOSE.value);
  }
}

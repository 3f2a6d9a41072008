package dev.lengthwise.diagnose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.model.QueryKeyBiases;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.Branch;
import dev.lengthwise.position.QueryKeyMap;
import dev.lengthwise.position.Region;
import dev.lengthwise.position.RotaryTable;
import dev.lengthwise.position.ScoreBias;
import dev.lengthwise.position.ScoreScale;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class ScoreTermsTest {

  private static final int SIZE = 8;
  private static final RotaryTable ROTARY = RotaryTable.geometric(100, SIZE);
  private static final AttentionPlan PLAN = AttentionPlan.plain(ROTARY);

  private final SplittableRandom random = new SplittableRandom(3);

  private double[] vector() {
    return random.doubles(SIZE, -1, 1).toArray();
  }

  private double[][] vectors(int tokens) {
    return IntStream.range(0, tokens).mapToObj(_ -> vector()).toArray(double[][]::new);
  }

  // Terms of one head, with its biases in the queries and keys.
  private static List<ScoreTerms> terms(
      int layer, AttentionPlan plan, double[][] queries, double[][] keys, double[] a, double[] b) {
    QueryKeyBiases biases = new QueryKeyBiases(new double[][] {a}, new double[][] {b});
    try (PointerScope _ = new PointerScope()) {
      return ScoreTerms.of(layer, plan, tensor(queries), tensor(keys), biases);
    }
  }

  // [tokens][size] → [1, tokens, 1, size]
  private static Tensor tensor(double[][] rows) {
    double[] joined = Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    return Tensor.create(joined, 1, rows.length, 1, SIZE);
  }

  @Test
  void termsSumToTheScore() {
    double[][] queries = vectors(2);
    double[][] keys = vectors(2);
    ScoreTerms far = terms(3, PLAN, queries, keys, vector(), vector()).get(1);
    double score =
        Objects.requireNonNull(ReferenceAttention.score(PLAN, 0, queries[1], 1, keys[0], 0));
    assertThat(far.layer()).isEqualTo(3);
    assertThat(far.distance()).isEqualTo(1);
    assertThat(far.total()).isCloseTo(score, Offset.offset(1e-12));
  }

  /// kexue.fm 9577: `aᵀ R b` is `Σ_m (a·b)_m cos pθ_m + (a_x b_y − a_y b_x)_m sin pθ_m`.
  @Test
  void termOfBothBiasesIsASumOfWavesInTheDistance() {
    double[] a = vector();
    double[] b = vector();
    for (ScoreTerms term : terms(0, PLAN, vectors(9), vectors(9), a, b)) {
      double sum = 0;
      for (int pair = 0; pair < SIZE / 2; pair++) {
        int y = pair + SIZE / 2;
        double angle = term.distance() * ROTARY.frequency(pair);
        sum += (a[pair] * b[pair] + a[y] * b[y]) * Math.cos(angle);
        sum += (a[pair] * b[y] - a[y] * b[pair]) * Math.sin(angle);
      }
      assertThat(term.bothBiases()).isCloseTo(sum / Math.sqrt(SIZE), Offset.offset(1e-12));
    }
  }

  @Test
  void withoutBiasOnlyContentIsLeft() {
    double[] zero = new double[SIZE];
    ScoreTerms term = terms(0, PLAN, vectors(5), vectors(5), zero, zero).get(2);
    assertThat(term.content()).isEqualTo(term.total());
    assertThat(term.bothBiases()).isZero();
  }

  @Test
  void mappedQueriesWithBiasesHaveNoTerms() {
    AttentionPlan mapped =
        new AttentionPlan(
            ROTARY,
            List.of(Branch.PLAIN),
            ScoreScale.ONE,
            ScoreBias.NONE,
            new QueryKeyMap.Normalize(false, true));
    assertThatThrownBy(() -> terms(0, mapped, vectors(3), vectors(3), vector(), vector()))
        .hasMessage("mapped queries and keys have no terms");
  }

  @Test
  void mixedTermsVanishForContentWithoutDirection() {
    double[] a = vector();
    double[] b = vector();
    double[][] queries = around(a);
    double[][] keys = around(b);
    AttentionPlan near =
        new AttentionPlan(
            ROTARY,
            List.of(Branch.identity(Region.within(Bounds.below(2)))),
            ScoreScale.ONE,
            ScoreBias.NONE,
            QueryKeyMap.IDENTITY);
    List<ScoreTerms> terms = terms(0, near, queries, keys, a, b);
    assertThat(terms).extracting(ScoreTerms::distance).containsExactly(0, 1);
    assertThat(terms.get(1).queryBias()).isCloseTo(0, Offset.offset(0.1));
    assertThat(terms.get(1).keyBias()).isCloseTo(0, Offset.offset(0.1));
  }

  private double[][] around(double[] centre) {
    double[][] all = vectors(400);
    for (double[] vector : all) {
      for (int channel = 0; channel < SIZE; channel++) {
        vector[channel] += centre[channel];
      }
    }
    return all;
  }
}

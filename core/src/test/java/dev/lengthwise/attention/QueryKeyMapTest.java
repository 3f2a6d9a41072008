package dev.lengthwise.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.attention.vector.VectorAttention;
import dev.lengthwise.cache.KeyValuePages;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.Branch;
import dev.lengthwise.position.QueryKeyMap;
import dev.lengthwise.position.Region;
import dev.lengthwise.position.RotaryTable;
import dev.lengthwise.position.ScoreBias;
import dev.lengthwise.position.ScoreScale;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the sources say of scores under each query and key map, in double precision.
class QueryKeyMapTest {

  private static final int SIZE = 16;
  private static final int HALF = SIZE / 2;
  private static final RotaryTable ROTARY = RotaryTable.geometric(10_000, SIZE);
  private static final QueryKeyMap STRICT = new QueryKeyMap.Collinear(false);
  private static final QueryKeyMap SLACK = new QueryKeyMap.Collinear(true);
  private static final QueryKeyMap KEY_NORM = new QueryKeyMap.Normalize(false, true);
  private static final QueryKeyMap XPOS = new QueryKeyMap.Decay(0.4, 512);

  private final Random random = new Random(3);

  private double[] vector() {
    return random.doubles(SIZE, -2, 2).toArray();
  }

  /// The score without `1/√d`.
  private static double score(QueryKeyMap map, double[] query, long m, double[] key, long n) {
    AttentionPlan plan =
        new AttentionPlan(ROTARY, List.of(Branch.PLAIN), ScoreScale.ONE, ScoreBias.NONE, map);
    Double score = ReferenceAttention.score(plan, 0, query, m, key, n);
    return Objects.requireNonNull(score) * Math.sqrt(SIZE);
  }

  private static double[] halves(double[] key) {
    double[] t = new double[HALF];
    Arrays.setAll(t, pair -> Math.max(0, (key[pair] + key[pair + HALF]) / 2));
    return t;
  }

  private static double squares(double[] query, int pair) {
    return query[pair] * query[pair] + query[pair + HALF] * query[pair + HALF];
  }

  private static Offset<Double> near(double tolerance) {
    return Offset.offset(tolerance);
  }

  // ---- CoCA

  /// Long-term decay (theorem of the paper): `|a(s)| ≤ max_i |l_{i+1} − l_i| · Σ_j |C_{j+1}|` with
  /// `l_j = t_j ρ_j²`, `l_h = 0` and `C_j` the sum of the first `j` cosines.
  @Test
  void strictScoresDecayUnderTheAbelBound() {
    for (int trial = 0; trial < 50; trial++) {
      double[] query = vector();
      double[] key = vector();
      double steepest = 0;
      for (int pair = 0; pair < HALF; pair++) {
        double own = halves(key)[pair] * squares(query, pair);
        double next = pair + 1 < HALF ? halves(key)[pair + 1] * squares(query, pair + 1) : 0;
        steepest = Math.max(steepest, Math.abs(next - own));
      }
      for (long distance : new long[] {0, 1, 2, 5, 17, 100, 1000, 30_000}) {
        double cosines = 0;
        double sum = 0;
        for (int pair = 0; pair < HALF; pair++) {
          cosines += Math.cos(distance * ROTARY.frequency(pair));
          sum += Math.abs(cosines);
        }
        double score = score(STRICT, query, 7 + distance, key, 7);
        assertThat(Math.abs(score)).isLessThanOrEqualTo(steepest * sum + 1e-9);
      }
    }
  }

  /// `R_n (q ∘ t) = (R_n q) ∘ t` holds where both channels of a pair have the same factor, which is
  /// why keys are tied; with other factors it does not.
  @Test
  void onlyTiedFactorsCommuteWithRotation() {
    double[] query = vector();
    double[] tied = vector();
    System.arraycopy(tied, 0, tied, HALF, HALF);
    double[] untied = vector();
    assertThat(rotatedThenMultiplied(query, tied))
        .containsExactly(multipliedThenRotated(query, tied), near(1e-12));
    assertThat(
            largestDifference(
                rotatedThenMultiplied(query, untied), multipliedThenRotated(query, untied)))
        .isGreaterThan(0.1);
  }

  private static double[] rotatedThenMultiplied(double[] query, double[] factors) {
    return product(ReferenceAttention.rotate(query, 11, ROTARY), factors);
  }

  private static double[] multipliedThenRotated(double[] query, double[] factors) {
    return ReferenceAttention.rotate(product(query, factors), 11, ROTARY);
  }

  private static double[] product(double[] left, double[] right) {
    double[] product = new double[SIZE];
    Arrays.setAll(product, channel -> left[channel] * right[channel]);
    return product;
  }

  private static double largestDifference(double[] left, double[] right) {
    double[] differences = new double[SIZE];
    Arrays.setAll(differences, channel -> Math.abs(left[channel] - right[channel]));
    return Arrays.stream(differences).max().orElseThrow();
  }

  /// Equation 17 of the paper: `Σ t ρ² cos((m − n)θ)`.
  @Test
  void strictScoresAreTheClosedForm() {
    for (int trial = 0; trial < 50; trial++) {
      double[] query = vector();
      double[] key = vector();
      long n = random.nextInt(300);
      long m = n + random.nextInt(300);
      double expected = 0;
      for (int pair = 0; pair < HALF; pair++) {
        expected +=
            halves(key)[pair] * squares(query, pair) * Math.cos((m - n) * ROTARY.frequency(pair));
      }
      assertThat(score(STRICT, query, m, key, n)).isCloseTo(expected, near(1e-11));
      assertThat(score(STRICT, query, m, key, n)).isCloseTo(naive(query, m, key, n), near(1e-11));
    }
  }

  // ⟨R_m q, R_n (q ∘ T)⟩: the form whose key depends on the query too.
  private static double naive(double[] query, long m, double[] key, long n) {
    double[] product = new double[SIZE];
    Arrays.setAll(product, channel -> query[channel] * halves(key)[channel % HALF]);
    double[] left = ReferenceAttention.rotate(query, (double) m, ROTARY);
    double[] right = ReferenceAttention.rotate(product, (double) n, ROTARY);
    double sum = 0;
    for (int channel = 0; channel < SIZE; channel++) {
      sum += left[channel] * right[channel];
    }
    return sum;
  }

  /// The released code: `Σ q · (R_n T) · (R_m q)`, and per pair `t((a²+b²)cc' + 2ab ss' +
  /// (b²−a²)cs')`.
  @Test
  void slackScoresAreTheTripleProductAndTheClosedForm() {
    for (int trial = 0; trial < 50; trial++) {
      double[] query = vector();
      double[] key = vector();
      long n = random.nextInt(300);
      long m = n + random.nextInt(300);
      double[] tied = new double[SIZE];
      Arrays.setAll(tied, channel -> halves(key)[channel % HALF]);
      double[] turnedKey = ReferenceAttention.rotate(tied, (double) n, ROTARY);
      double[] turnedQuery = ReferenceAttention.rotate(query, (double) m, ROTARY);
      double triple = 0;
      for (int channel = 0; channel < SIZE; channel++) {
        triple += query[channel] * turnedKey[channel] * turnedQuery[channel];
      }
      double closed = 0;
      for (int pair = 0; pair < HALF; pair++) {
        double a = query[pair];
        double b = query[pair + HALF];
        double cm = Math.cos(m * ROTARY.frequency(pair));
        double sm = Math.sin(m * ROTARY.frequency(pair));
        double cn = Math.cos(n * ROTARY.frequency(pair));
        double sn = Math.sin(n * ROTARY.frequency(pair));
        closed +=
            halves(key)[pair]
                * ((a * a + b * b) * cm * cn + 2 * a * b * sm * sn + (b * b - a * a) * cm * sn);
      }
      double found = score(SLACK, query, m, key, n);
      assertThat(found).isCloseTo(triple, near(1e-11)).isCloseTo(closed, near(1e-11));
    }
  }

  @Test
  void variantsAgreeForTiedQueriesAndAtKeyZeroOnly() {
    double[] query = vector();
    double[] key = {1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2};
    double[] tied = query.clone();
    System.arraycopy(tied, 0, tied, HALF, HALF);
    assertThat(score(SLACK, tied, 40, key, 7))
        .isCloseTo(score(STRICT, tied, 40, key, 7), near(1e-11));
    assertThat(score(SLACK, query, 40, key, 0))
        .isCloseTo(score(STRICT, query, 40, key, 0), near(1e-11));
    assertThat(Math.abs(score(SLACK, query, 40, key, 7) - score(STRICT, query, 40, key, 7)))
        .isGreaterThan(1e-3);
  }

  @Test
  void onlyStrictScoresAreRelative() {
    double[] query = vector();
    double[] key = vector();
    Arrays.setAll(key, channel -> Math.abs(key[channel]));
    assertThat(score(STRICT, query, 57, key, 44))
        .isCloseTo(score(STRICT, query, 20, key, 7), near(1e-11));
    assertThat(Math.abs(score(SLACK, query, 57, key, 44) - score(SLACK, query, 20, key, 7)))
        .isGreaterThan(1e-3);
  }

  /// The greatest strict score is that at distance 0, and the first steps fall.
  @Test
  void strictScoresAreGreatestAtHomeAndBounded() {
    for (int trial = 0; trial < 50; trial++) {
      double[] query = vector();
      double[] key = vector();
      double atHome = 0;
      for (int pair = 0; pair < HALF; pair++) {
        atHome += halves(key)[pair] * squares(query, pair);
      }
      assertThat(score(STRICT, query, 9, key, 9)).isCloseTo(atHome, near(1e-11));
      double last = atHome + 1e-11;
      for (int distance = 0; distance <= 3; distance++) {
        double score = score(STRICT, query, distance, key, 0);
        assertThat(score).isLessThanOrEqualTo(last);
        last = score + 1e-11;
      }
      long m = random.nextInt(5000);
      assertThat(Math.abs(score(STRICT, query, m, key, m / 3))).isLessThan(atHome + 1e-9);
      assertThat(Math.abs(score(SLACK, query, m, key, m / 3)))
          .isLessThan(Math.sqrt(2) * atHome + 1e-9);
    }
  }

  @Test
  void collinearScoresScaleAsTheFormulasSay() {
    double[] query = vector();
    double[] key = vector();
    for (QueryKeyMap map : List.of(STRICT, SLACK)) {
      double score = score(map, query, 31, key, 12);
      assertThat(score(map, times(query, -1), 31, key, 12)).isCloseTo(score, near(1e-12));
      assertThat(score(map, times(query, 3), 31, key, 12)).isCloseTo(9 * score, near(1e-10));
      assertThat(score(map, query, 31, times(key, 5), 12)).isCloseTo(5 * score, near(1e-10));
      assertThat(score(map, query, 31, swapped(key), 12)).isEqualTo(score);
    }
    // The angle of a query's pair does not matter to the strict form.
    double[] rotated = ReferenceAttention.rotate(query, 77, ROTARY);
    assertThat(score(STRICT, rotated, 31, key, 12))
        .isCloseTo(score(STRICT, query, 31, key, 12), near(1e-11));
  }

  /// Averaging comes before the ReLU: halves `(+x, −x)` give 0.
  @Test
  void halvesThatCancelGiveNoScore() {
    double[] key = vector();
    for (int pair = 0; pair < HALF; pair++) {
      key[pair + HALF] = -key[pair];
    }
    assertThat(score(STRICT, vector(), 5, key, 2)).isZero();
    assertThat(score(SLACK, vector(), 5, key, 2)).isZero();
  }

  private static double[] times(double[] vector, double factor) {
    return Arrays.stream(vector).map(x -> factor * x).toArray();
  }

  private static double[] swapped(double[] vector) {
    double[] swapped = new double[SIZE];
    Arrays.setAll(swapped, channel -> vector[(channel + HALF) % SIZE]);
    return swapped;
  }

  // ---- norms

  @Test
  void keyNormIsTheProductWithAKeyOfLengthOne() {
    double[] query = vector();
    double[] key = vector();
    double length = Math.sqrt(Arrays.stream(key).map(x -> x * x).sum());
    double plain = score(QueryKeyMap.IDENTITY, query, 20, key, 3);
    // `score` takes 1/√d away, the published score has none.
    assertThat(score(KEY_NORM, query, 20, key, 3) / Math.sqrt(SIZE))
        .isCloseTo(plain / length, near(1e-12));
    assertThat(score(KEY_NORM, query, 20, times(key, 1e-3), 3))
        .isCloseTo(score(KEY_NORM, query, 20, key, 3), near(1e-10));
    QueryKeyMap queryNorm = new QueryKeyMap.Normalize(true, false);
    assertThat(score(queryNorm, key, 20, query, 3))
        .isCloseTo(score(QueryKeyMap.IDENTITY, key, 20, query, 3) * 4 / length, near(1e-11));
  }

  @Test
  void cosineScoresAreBoundedByTheirFactor() {
    double lambda = 4 * Math.log(256);
    assertThat(lambda).isCloseTo(22.18, near(0.005)); // kexue.fm 9859
    QueryKeyMap fixed = new QueryKeyMap.Cosine(new ScoreScale.Constant(lambda));
    QueryKeyMap dynamic = new QueryKeyMap.Cosine(new ScoreScale.LogLength(Math.exp(0.25), 0));
    double[] vector = vector();
    assertThat(score(fixed, vector, 9, times(vector, 7), 9) / 4).isCloseTo(lambda, near(1e-11));
    assertThat(score(dynamic, vector, 255, vector, 255) / 4).isCloseTo(lambda, near(1e-11));
    assertThat(score(dynamic, vector, 0, vector, 0)).isZero();
    for (int trial = 0; trial < 50; trial++) {
      assertThat(Math.abs(score(fixed, vector(), 40, vector(), 3) / 4)).isLessThan(lambda);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void keysOfLengthZeroGiveNumbers(boolean cosine) {
    QueryKeyMap map = cosine ? new QueryKeyMap.Cosine(ScoreScale.ONE) : KEY_NORM;
    assertThat(score(map, vector(), 3, new double[SIZE], 1)).isZero();
  }

  // ---- xPos

  /// `ζ_0 = 0.2857…`, and `ζ_0^8 = 4.4e-5` after 4,096 positions at γ = 0.4 and scale 512.
  @Test
  void decaysAsPublished() {
    QueryKeyMap.Decay decay = new QueryKeyMap.Decay(0.4, 512);
    assertThat(Math.exp(512 * decay.rate(0, 64))).isCloseTo(0.2857, near(5e-5));
    assertThat(Math.exp(512 * decay.rate(63, 64))).isCloseTo(0.9888, near(5e-5));
    assertThat(Math.exp(4096 * decay.rate(0, 64))).isCloseTo(4.4e-5, near(5e-7));
  }

  @Test
  void decayDependsOnTheDistanceOnly() {
    double[] query = vector();
    double[] key = vector();
    double near = score(XPOS, query, 400, key, 100);
    assertThat(score(XPOS, query, 400 + (1L << 30), key, 100 + (1L << 30)))
        .isCloseTo(near, near(1e-5)); // the phases of RoPE itself lose digits there
    assertThat(score(new QueryKeyMap.Decay(1e12, 512), query, 400, key, 100))
        .isCloseTo(score(QueryKeyMap.IDENTITY, query, 400, key, 100), near(1e-9));
  }

  /// Neither engine for training nor that for inference loses digits far from the start of a text.
  @Test
  void enginesAreExactAtAMillionTokens() {
    int million = 1 << 20;
    int window = 700;
    AttentionPlan plan =
        new AttentionPlan(
            ROTARY,
            List.of(Branch.identity(Region.within(Bounds.below(window)))),
            ScoreScale.ONE,
            ScoreBias.NONE,
            XPOS);
    try (Workers workers = new Workers(2);
        PointerScope _ = new PointerScope()) {
      VectorAttention vector = new VectorAttention(workers);
      torch.manual_seed(4);
      Tensor keys = torch.randn(1, 1 << 15, 1, SIZE);
      Tensor values = torch.randn(1, 1 << 15, 1, SIZE);
      QueryRows queries = new QueryRows(torch.randn(1, 5, 2, SIZE), million - 5L);
      try (KeyValuePages pages = vector.newStore(plan, new KeyValueShape(1, SIZE, CacheType.F32))) {
        for (int part = 0; part < million >> 15; part++) {
          pages.drop(plan, pages.length());
          pages.append(keys.select(0, 0), values.select(0, 0));
        }
        KeyValueRows last =
            new KeyValueRows(keys, values, List.of(new KeySpan(million - (1L << 15), 0, 1 << 15)));
        Tensor expected = new ReferenceAttention().attend(plan, queries, last);
        for (Tensor found :
            List.of(
                vector.attend(plan, queries, pages),
                new TorchAttention().attend(plan, queries, last))) {
          assertThat(found.sub(expected).abs().max().item_double()).isLessThan(3e-5);
        }
      }
    }
  }

  /// A tensor `[heads, N, N, d]` would take 1 GiB here; scores of a block take 64 MiB.
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @EnabledOnOs(OS.LINUX)
  void collinearAttentionHoldsNoTensorOfPairsAndChannels(boolean slack) throws IOException {
    AttentionPlan plan =
        new AttentionPlan(
            RotaryTable.geometric(10_000, 64),
            List.of(Branch.PLAIN),
            ScoreScale.ONE,
            ScoreBias.NONE,
            new QueryKeyMap.Collinear(slack));
    try (PointerScope _ = new PointerScope()) {
      Tensor tokens = torch.randn(1, 1024, 4, 64).set_requires_grad(true);
      Files.writeString(Path.of("/proc/self/clear_refs"), "5"); // forgets the peak
      long before = peakKilobytes();
      Tensor attended =
          new TorchAttention()
              .attend(plan, new QueryRows(tokens, 0), KeyValueRows.fromStart(tokens, tokens));
      torch.grad(new TensorVector(attended.sum()), new TensorVector(tokens));
      assertThat(peakKilobytes() - before).isLessThan(400 << 10);
    }
  }

  private static long peakKilobytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmHWM:")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IllegalStateException("no VmHWM");
  }
}

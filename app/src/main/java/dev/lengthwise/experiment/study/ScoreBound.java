package dev.lengthwise.experiment.study;

import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Rope;
import dev.lengthwise.method.T5;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.DistanceBias;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.position.PositionMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// The theorem that scores must grow where many distances are told apart, in numbers.
///
/// A family of scores `w(q, k, d)` of pseudo-dimension `r` whose distances up to `n` hold `α(n)`
/// that are pairwise `ε` apart has
///
///     sup |w| ≥ (α(n) / 2)^(1 / 2r) · ε / 4e
///
/// Two distances are `ε` apart where the root of the mean of `(w(q, k, d) − w(q, k, d'))²` over
/// queries and keys is at least `ε`. Here queries and keys are drawn with channels of variance 1,
/// and `α` is the number of distances that a walk from 0 on keeps: each that is `ε` from all kept
/// before. The theorem holds for every `ε` that tells two distances apart; the greatest of its
/// bounds is the one that counts. One distance alone is apart from nothing, and bounds nothing.
///
/// Source: Han et al. 2024, "LM-Infinite", arXiv 2308.16137v7, theorem 2; the pseudo-dimensions are
/// those that follow it.
final class ScoreBound {

  /// A head of 32 channels, in a model of eight that was trained at 256 tokens.
  private static final ModelShape SHAPE = new ModelShape(1, 8, 8, 32, 32, 10_000, 256);

  // Each is the root of two times the one before, until no two distances are apart.
  private static final double LEAST_APART = 0.5;

  // Slopes are powers of two, but scores round: 2 tokens at 1/2 must be 1 apart.
  private static final double ROUNDING = 1e-9;

  // ALiBi's slopes shrink from head to head; the first head tells most apart.
  private static final int HEAD = 0;

  private final double pseudoDimension;
  private final double[][] scores; // [draws][distances]; NaN where no query sees the key
  private final List<Separation> separations = new ArrayList<>();

  /// @param distances from 0 up to this number, which is not one of them
  private ScoreBound(PositionMethod method, double pseudoDimension, int distances, Draws draws) {
    this.pseudoDimension = pseudoDimension;
    this.scores = scores(method, distances, draws);
    double apart = LEAST_APART;
    Separation separation = separation(apart, distances);
    while (separation.kept().size() > 1) {
      separations.add(separation);
      apart *= Math.sqrt(2);
      separation = separation(apart, distances);
    }
  }

  /// The distances that a walk keeps.
  ///
  /// @param apart `ε`
  /// @param kept ascending
  private record Separation(double apart, List<Integer> kept) {

    long count(int n) {
      return kept.stream().filter(distance -> distance < n).count();
    }
  }

  private Separation separation(double apart, int distances) {
    List<Integer> kept = new ArrayList<>();
    for (int distance = 0; distance < distances; distance++) {
      int one = distance;
      if (isSeen(one)
          && kept.stream().allMatch(other -> difference(one, other) >= apart - ROUNDING)) {
        kept.add(distance);
      }
    }
    return new Separation(apart, kept);
  }

  /// What is drawn.
  ///
  /// @param count pairs of a query and a key
  /// @param seed of all of them
  record Draws(int count, long seed) {}

  /// One of the methods, with the pseudo-dimension of its scores.
  enum Family {
    /// Twice the channels of a head.
    ROPE("rope", 2 * SHAPE.headSize()),
    /// A number for each distance is added: 1.
    ALIBI("alibi", 1),
    /// The same.
    BUCKETS("t5", 1),
    /// No more than there are distances, the window and one more.
    WINDOW("window:window=256", 257);

    private final String method;
    private final double pseudoDimension;

    Family(String method, double pseudoDimension) {
      this.method = method;
      this.pseudoDimension = pseudoDimension;
    }

    /// As the command line writes it.
    String method() {
      return method;
    }

    /// The scores at distances below `distances`.
    ScoreBound upTo(int distances, Draws draws) {
      PositionMethod parsed = new MethodParser(SHAPE, new Rope()).parse(method);
      PositionMethod usable =
          parsed instanceof T5 t5
              ? t5.withWeights(Map.of(DistanceBias.TABLE, falling(t5.buckets())))
              : parsed;
      return new ScoreBound(usable, pseudoDimension, distances, draws);
    }

    // A trained table is not at hand. This one falls by 1/8 a bucket, as trained ones fall.
    private static double[] falling(long buckets) {
      double[] table = new double[(int) buckets * SHAPE.heads()];
      for (int at = 0; at < table.length; at++) {
        table[at] = -(at / SHAPE.heads()) / (8 * Math.sqrt(SHAPE.headSize()));
      }
      return table;
    }
  }

  private static double[][] scores(PositionMethod method, int distances, Draws draws) {
    AttentionPlan plan = new PlanFunction(SHAPE, new Rope(), method).plan(0, distances);
    SplittableRandom random = new SplittableRandom(draws.seed());
    double[][] scores = new double[draws.count()][distances];
    for (double[] row : scores) {
      double[] query = drawn(random);
      double[] key = drawn(random);
      for (int distance = 0; distance < distances; distance++) {
        Double score =
            ReferenceAttention.score(
                plan, HEAD, query, distances - 1L, key, distances - 1L - distance);
        row[distance] = score == null ? Double.NaN : score;
      }
    }
    return scores;
  }

  private static double[] drawn(SplittableRandom random) {
    double[] vector = new double[SHAPE.headSize()];
    for (int channel = 0; channel < vector.length; channel++) {
      vector[channel] = random.nextGaussian();
    }
    return vector;
  }

  private boolean isSeen(int distance) {
    return !Double.isNaN(scores[0][distance]);
  }

  private double difference(int one, int other) {
    double squares = 0;
    for (double[] row : scores) {
      squares += (row[one] - row[other]) * (row[one] - row[other]);
    }
    return Math.sqrt(squares / scores.length);
  }

  /// `α(n)` for `ε = 1`.
  long apart(int n) {
    return separations.stream()
        .filter(separation -> Math.abs(separation.apart() - 1) < ROUNDING)
        .mapToLong(separation -> separation.count(n))
        .findFirst()
        .orElse(1);
  }

  /// The greatest bound of the theorem for distances below `n`, of all `ε` that are tried; 0 where
  /// none tells two distances apart.
  double bound(int n) {
    return separations.stream()
        .filter(separation -> separation.count(n) > 1)
        .mapToDouble(
            separation ->
                Math.pow(separation.count(n) / 2.0, 1 / (2 * pseudoDimension))
                    * separation.apart()
                    / (4 * Math.E))
        .max()
        .orElse(0);
  }

  /// The greatest `|w|` of all draws at distances below `n`: `sup |w|` is at least this.
  double greatest(int n) {
    double greatest = 0;
    for (double[] row : scores) {
      for (int distance = 0; distance < n; distance++) {
        if (isSeen(distance)) {
          greatest = Math.max(greatest, Math.abs(row[distance]));
        }
      }
    }
    return greatest;
  }
}

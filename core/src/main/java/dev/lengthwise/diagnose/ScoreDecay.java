package dev.lengthwise.diagnose;

import dev.lengthwise.attention.KeyValueRows;
import dev.lengthwise.attention.QueryRows;
import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.Branch;
import dev.lengthwise.position.QueryKeyMap;
import dev.lengthwise.position.RotaryTable;
import dev.lengthwise.position.ScoreBias;
import java.nio.DoubleBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/// The score of a query and a key of the same content at one distance: how a method, and no text,
/// lets scores decay.
///
/// The query is `(1, …, 1)` and the last of a text, the key is `(1, …, 1)/√d`. Without map, scale
/// and bias the score at relative position `ρ`, with `r` of `d` channels that turn at amplitude
/// `a`, is
///
///     ( 2 a² Σ_m cos(ρ θ_m) + d − r ) / d
///
/// Abel's summation by parts bounds the size of a sum over pairs by
/// `max |h_{m+1} − h_m| · Σ |S_m|`, where `h_m` is the product of a pair, and 0 past the last.
/// Here all are equal, and with the score `c` of the same plan without rotation the bound is
///
///     c ( 2 a² Σ_{m=1}^{r/2} |S_m| + d − r ) / d ,   S_m = Σ_{l<m} e^{i ρ θ_l}
///
/// Sources: Su et al. 2021, "RoFormer", section 3.4.3; Zhu et al. 2024, "CoCA", whose strict form
/// has cosines in place of exponentials.
///
/// @param distance query index minus key index
/// @param score mean over heads, which differ in their bias only
/// @param bound NaN where there is none: with a bias, with pairs that decay by themselves, with the
///     slack form of CoCA, or without rotation
public record ScoreDecay(int distance, double score, double bound) {

  /// The scores at every distance that the last query of a text sees.
  ///
  /// @param heads query heads of the layer
  /// @param tokens of the text, at least one
  public static List<ScoreDecay> of(AttentionPlan plan, int heads, int headSize, int tokens) {
    double[] scores = scores(plan, heads, headSize, tokens);
    double atOnce = hasBound(plan) ? unturned(plan, headSize, tokens - 1) : Double.NaN;
    List<ScoreDecay> all = new ArrayList<>();
    for (int distance = 0; distance < tokens; distance++) {
      double score = scores[tokens - 1 - distance];
      if (score != Double.NEGATIVE_INFINITY) {
        double position = relativePosition(plan, tokens - 1, tokens - 1 - distance);
        double sums = Double.isNaN(atOnce) ? Double.NaN : sums(plan, position);
        double still = headSize - 2.0 * plan.rotary().pairs();
        double squared = plan.rotary().amplitude() * plan.rotary().amplitude();
        all.add(new ScoreDecay(distance, score, atOnce * (2 * squared * sums + still) / headSize));
      }
    }
    return all;
  }

  // By key, mean over heads.
  private static double[] scores(AttentionPlan plan, int heads, int headSize, int tokens) {
    double[] scores = new double[tokens];
    try (PointerScope _ = new PointerScope()) {
      Tensor query = Tensor.create(ones(headSize, 1), 1, 1, 1, headSize);
      Tensor key = Tensor.create(ones(headSize, 1 / Math.sqrt(headSize)), 1, 1, 1, headSize);
      Tensor keys = key.expand(1, tokens, 1, headSize);
      DoubleBuffer means =
          new TorchAttention()
              .scores(
                  plan,
                  new QueryRows(query.expand(1, 1, heads, headSize), tokens - 1),
                  KeyValueRows.fromStart(keys, keys))
              .mean(1)
              .contiguous()
              .createBuffer();
      means.get(scores);
    }
    return scores;
  }

  private static double[] ones(int size, double value) {
    double[] all = new double[size];
    Arrays.fill(all, value);
    return all;
  }

  private static boolean hasBound(AttentionPlan plan) {
    boolean sum =
        switch (plan.map()) {
          case QueryKeyMap.Normalize _, QueryKeyMap.Cosine _ -> true;
          case QueryKeyMap.Collinear(boolean slack) -> !slack;
          case QueryKeyMap.Decay _ -> false;
        };
    return sum && plan.bias().equals(ScoreBias.NONE) && plan.rotary().pairs() > 0;
  }

  // The score where nothing turns.
  private static double unturned(AttentionPlan plan, int headSize, int query) {
    AttentionPlan still =
        new AttentionPlan(
            RotaryTable.NONE.withSharpness(plan.rotary().sharpness()),
            List.of(Branch.PLAIN),
            plan.scale(),
            ScoreBias.NONE,
            plan.map());
    Double score =
        ReferenceAttention.score(
            still, 0, ones(headSize, 1), query, ones(headSize, 1 / Math.sqrt(headSize)), query);
    return score == null ? Double.NaN : score;
  }

  private static double relativePosition(AttentionPlan plan, int query, int key) {
    return plan.branches().stream()
        .filter(branch -> branch.region().contains(query, key))
        .mapToDouble(branch -> branch.relativePosition(query, key))
        .findFirst()
        .orElseThrow();
  }

  // Σ |S_m|.
  private static double sums(AttentionPlan plan, double position) {
    boolean complex = !(plan.map() instanceof QueryKeyMap.Collinear);
    double real = 0;
    double imaginary = 0;
    double sums = 0;
    for (double frequency : plan.rotary().frequencies()) {
      real += Math.cos(position * frequency);
      imaginary += complex ? Math.sin(position * frequency) : 0;
      sums += Math.hypot(real, imaginary);
    }
    return sums;
  }
}

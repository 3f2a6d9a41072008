package dev.lengthwise.diagnose;

import dev.lengthwise.attention.KeyValueRows;
import dev.lengthwise.attention.QueryRows;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.position.AttentionPlan;
import java.nio.DoubleBuffer;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// How great the scores of the last token of texts become, the farther its keys are: for each head
/// the greatest `|score|` of any key up to a distance, and over heads its mean and deviation.
///
/// Keys that a method does not hold have no score: the greatest of nearer ones stays.
///
/// Source: Han et al. 2024, "LM-Infinite", arXiv 2308.16137v7, the figure on unseen distances.
/// There the scores are those of one text after the other, too; here their running maxima are
/// averaged over the texts before heads are compared.
///
/// @param distance query index minus key index
/// @param mean over all heads of all layers
/// @param deviation over the same heads, with `heads − 1` in the denominator
public record ScoreGrowth(int distance, double mean, double deviation) {

  /// The growth at every distance.
  ///
  /// @param texts one or more, all of the same number of tokens
  public static List<ScoreGrowth> of(InferenceModel inference, List<int[]> texts) {
    int tokens = texts.getFirst().length;
    List<double[]> heads = new ArrayList<>();
    for (int[] text : texts) {
      List<double[]> ofText = new ArrayList<>();
      TextAttention.read(
          inference,
          text,
          _ -> true,
          (_, plan, queries, keys) -> ofText.addAll(runningMaxima(plan, queries, keys)),
          (_, _) -> {});
      for (int head = 0; head < ofText.size(); head++) {
        if (heads.size() == head) {
          heads.add(new double[tokens]);
        }
        for (int distance = 0; distance < tokens; distance++) {
          heads.get(head)[distance] += ofText.get(head)[distance] / texts.size();
        }
      }
    }
    List<ScoreGrowth> all = new ArrayList<>();
    for (int distance = 0; distance < tokens; distance++) {
      all.add(over(heads, distance));
    }
    return all;
  }

  private static ScoreGrowth over(List<double[]> heads, int distance) {
    double mean = heads.stream().mapToDouble(head -> head[distance]).average().orElseThrow();
    double squares =
        heads.stream().mapToDouble(head -> (head[distance] - mean) * (head[distance] - mean)).sum();
    return new ScoreGrowth(distance, mean, Math.sqrt(squares / Math.max(1, heads.size() - 1)));
  }

  // One row for each head, by distance from the last token.
  private static List<double[]> runningMaxima(AttentionPlan plan, Tensor queries, Tensor keys) {
    int tokens = (int) queries.size(1);
    int heads = (int) queries.size(2);
    List<double[]> maxima = new ArrayList<>();
    try (PointerScope _ = new PointerScope()) {
      Tensor last = queries.narrow(1, tokens - 1L, 1).to(ScalarType.Double);
      Tensor wide = keys.to(ScalarType.Double);
      DoubleBuffer scores =
          new TorchAttention()
              .scores(plan, new QueryRows(last, tokens - 1L), KeyValueRows.fromStart(wide, wide))
              .contiguous()
              .createBuffer();
      double[] row = new double[tokens];
      for (int head = 0; head < heads; head++) {
        scores.get(row);
        double[] greatest = new double[tokens];
        double most = 0;
        for (int distance = 0; distance < tokens; distance++) {
          double score = row[tokens - 1 - distance];
          most = score == Double.NEGATIVE_INFINITY ? most : Math.max(most, Math.abs(score));
          greatest[distance] = most;
        }
        maxima.add(greatest);
      }
    }
    return maxima;
  }
}

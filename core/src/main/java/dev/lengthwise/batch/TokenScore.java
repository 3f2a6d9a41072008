package dev.lengthwise.batch;

import dev.lengthwise.generate.Sampler;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/// How likely the model found a token, whatever the sampling made of it.
///
/// @param id the token
/// @param logProbability `ln p(id)`, of the softmax over all rows of the model
/// @param top the most likely tokens, by falling probability, equals by rising id
public record TokenScore(int id, double logProbability, List<Candidate> top) {

  /// Copies the list.
  public TokenScore {
    top = List.copyOf(top);
  }

  /// A token that was likely.
  ///
  /// @param id the token
  /// @param logProbability `ln p(id)`
  public record Candidate(int id, double logProbability) {}

  /// The score of a token.
  ///
  /// @param logits one for each token of the vocabulary
  /// @param count most likely tokens to name
  static TokenScore of(float[] logits, int id, int count) {
    double normalizer = logSum(logits);
    List<Candidate> top = new ArrayList<>();
    for (int candidate : greatest(logits, count)) {
      top.add(new Candidate(candidate, logits[candidate] - normalizer));
    }
    return new TokenScore(id, logits[id] - normalizer, top);
  }

  // ln Σ exp(z)
  private static double logSum(float[] logits) {
    double greatest = logits[Sampler.greatest(logits)];
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - greatest);
    }
    return greatest + Math.log(sum);
  }

  private static List<Integer> greatest(float[] logits, int count) {
    Comparator<Integer> worst =
        Comparator.<Integer>comparingDouble(id -> logits[id])
            .thenComparing(Comparator.reverseOrder());
    PriorityQueue<Integer> best = new PriorityQueue<>(worst);
    for (int id = 0; id < logits.length && count > 0; id++) {
      if (best.size() < count || logits[id] > logits[best.element()]) {
        if (best.size() == count) {
          best.remove();
        }
        best.add(id);
      }
    }
    return best.stream().sorted(worst.reversed()).toList();
  }
}

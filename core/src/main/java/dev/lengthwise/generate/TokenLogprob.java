package dev.lengthwise.generate;

import java.util.ArrayList;
import java.util.List;

/// How likely the model found a token, before anything was done to its logits.
///
/// @param id the token
/// @param logprob natural logarithm of its probability
/// @param entropy of all tokens at its place, `−Σ p ln p`, in nats: how unsure the model was
/// @param top the most likely tokens at its place, the most likely first
public record TokenLogprob(int id, double logprob, double entropy, List<Candidate> top) {

  /// One of the most likely tokens.
  ///
  /// @param id the token
  /// @param logprob natural logarithm of its probability
  public record Candidate(int id, double logprob) {}

  /// Copies the list.
  public TokenLogprob {
    top = List.copyOf(top);
  }

  /// The logarithms of the softmax of `logits`.
  ///
  /// @param id the token
  /// @param count how many of the most likely tokens are wanted
  public static TokenLogprob of(float[] logits, int id, int count) {
    double greatest = logits[Sampler.greatest(logits)];
    double sum = 0;
    double below = 0; // Σ e^(l − greatest) · (l − greatest)
    for (float logit : logits) {
      double exponential = Math.exp(logit - greatest);
      sum += exponential;
      below += exponential == 0 ? 0 : exponential * (logit - greatest); // −∞ has no share
    }
    double normaliser = greatest + Math.log(sum);
    List<Candidate> top = new ArrayList<>();
    for (int token : mostLikely(logits, Math.min(count, logits.length))) {
      top.add(new Candidate(token, logits[token] - normaliser));
    }
    return new TokenLogprob(id, logits[id] - normaliser, Math.log(sum) - below / sum, top);
  }

  // A few of many: by insertion, equals in the order of ids.
  private static int[] mostLikely(float[] logits, int count) {
    int[] best = new int[count];
    int found = 0;
    for (int id = 0; id < logits.length && count > 0; id++) {
      if (found == count && logits[id] <= logits[best[count - 1]]) {
        continue;
      }
      int at = found < count ? found++ : count - 1;
      while (at > 0 && logits[best[at - 1]] < logits[id]) {
        best[at] = best[at - 1];
        at--;
      }
      best[at] = id;
    }
    return best;
  }
}

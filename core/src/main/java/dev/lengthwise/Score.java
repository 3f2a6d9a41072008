package dev.lengthwise;

import java.util.List;

/// How likely a model finds a text.
///
/// @param losses `−ln p(token | all before it)` in nats, of every token but the first
public record Score(List<Double> losses) {

  /// Copies the list.
  public Score {
    losses = List.copyOf(losses);
  }

  /// Sum of the losses: the negative log-likelihood of the text, in nats.
  public double nll() {
    return losses.stream().mapToDouble(Double::doubleValue).sum();
  }

  /// Mean loss of a token, in nats.
  public double meanLoss() {
    return nll() / losses.size();
  }

  /// `exp` of the mean loss.
  public double perplexity() {
    return Math.exp(meanLoss());
  }
}

package dev.lengthwise.generate;

/// How the next token is drawn.
///
/// Filters apply in the order of llama.cpp: `topK`, `topP`, `minP`, then the temperature.
///
/// @param temperature divisor of the logits; 0 takes the most likely token
/// @param topK number of most likely tokens that stay; 0 for all
/// @param topP most likely tokens stay until their probabilities sum to this; 1 for all
/// @param minP tokens stay that are at least this fraction of the most likely one; 0 for all
/// @param seed of the random numbers
public record Sampling(double temperature, int topK, double topP, double minP, long seed) {

  /// The most likely token, always.
  public static final Sampling GREEDY = new Sampling(0, 0, 1, 0, 0);

  /// Checks the ranges.
  public Sampling {
    require(
        temperature >= 0 && Double.isFinite(temperature),
        "the temperature must be 0 or more, found " + temperature);
    require(topK >= 0, "top-k must be 0 (off) or a positive number of tokens, found " + topK);
    require(topP > 0 && topP <= 1, "top-p must be above 0 and at most 1, found " + topP);
    require(minP >= 0 && minP <= 1, "min-p must be between 0 and 1, found " + minP);
  }

  private static void require(boolean condition, String rule) {
    if (!condition) {
      throw new IllegalArgumentException(rule);
    }
  }
}

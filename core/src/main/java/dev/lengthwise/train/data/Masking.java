package dev.lengthwise.train.data;

import dev.lengthwise.parallel.CounterRandom;

/// Hides tokens of a window, which a bidirectional model learns to fill in.
///
/// Every token is hidden with probability 0.15, independently. Of the hidden ones 80 % are replaced
/// by the mask, 10 % by a random token, and 10 % stay; only hidden ones are targets. Source: Devlin
/// et al. 2019, "BERT", section 3.1 (there a fixed number of tokens, in GAU-α whole words).
///
/// @param mask id of the mask: the first one that the tokenizer does not use, so its size
public record Masking(int mask) {

  private static final double HIDDEN = 0.15;
  private static final double REPLACED_BY_MASK = 0.8;
  private static final double REPLACED_BY_RANDOM = 0.1;

  /// Hides tokens of window `row`, whatever its targets were before.
  ///
  /// @param random decides which
  public void hide(WindowBatch batch, int row, CounterRandom random) {
    int start = row * batch.length();
    for (int at = start; at < start + batch.length(); at++) {
      boolean hidden = random.nextDouble() < HIDDEN;
      batch.targets()[at] = hidden ? batch.inputs()[at] : WindowBatch.IGNORED;
      if (hidden) {
        batch.inputs()[at] = replacement(batch.inputs()[at], random);
      }
    }
  }

  private long replacement(long id, CounterRandom random) {
    double draw = random.nextDouble();
    if (draw < REPLACED_BY_MASK) {
      return mask;
    }
    return draw < REPLACED_BY_MASK + REPLACED_BY_RANDOM ? random.below(mask) : id;
  }
}

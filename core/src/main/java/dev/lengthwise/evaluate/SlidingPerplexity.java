package dev.lengthwise.evaluate;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.generate.Runner;
import java.util.Arrays;

/// Perplexity of a whole text through a window that slides by a stride: each step reads a window
/// and scores its last `stride` targets, the first step all of its targets, so that every token
/// counts once (Press et al. 2021). A stride as long as the window moves it by one token less, as
/// the first token of a window has nothing before it to be predicted from.
///
/// @param window tokens that a step reads
/// @param stride tokens by which the window moves, at most `window`
public record SlidingPerplexity(int window, int stride) {

  /// Checks the sizes.
  public SlidingPerplexity {
    if (window < 2 || stride < 1 || stride > window) {
      throw new IllegalArgumentException(
          "a sliding window needs --ctx-size >= 2 and 1 <= --stride <= --ctx-size, found window "
              + window
              + " and stride "
              + stride);
    }
  }

  /// What was measured.
  ///
  /// @param loss mean, in nats
  /// @param tokensScored number of targets
  public record Result(double loss, long tokensScored) {}

  /// Measures a text.
  public Result measure(Runner runner, int[] ids, int chunk, Task.Progress progress) {
    if (ids.length < 2) {
      throw new LengthwiseException(
          "A text of " + ids.length + " token(s) has no next token to predict; give at least 2");
    }
    double sum = 0;
    long scored = 0;
    int firstTarget = 1; // index of the first id that has not been scored
    while (firstTarget < ids.length) {
      long until = firstTarget == 1 ? window : (long) firstTarget + Math.min(stride, window - 1);
      int end = (int) Math.min(ids.length, until);
      int start = Math.max(0, end - window);
      int[] part = Arrays.copyOfRange(ids, start, end);
      int first = firstTarget - start - 1;
      double[] losses = TokenLosses.of(runner, part, chunk, first);
      sum += TokenLosses.mean(losses, first, losses.length) * (losses.length - first);
      scored += losses.length - first;
      progress.advance((long) end - firstTarget);
      firstTarget = end;
    }
    return new Result(sum / scored, scored);
  }
}

package dev.lengthwise.evaluate;

import dev.lengthwise.generate.InferenceModel;
import java.util.Arrays;

/// Perplexity of a whole text through a window that slides by a stride: each step reads a window
/// and scores its last `stride` targets, the first step all of its targets, so that every token but
/// the first of the text counts once (Press et al. 2021). With a stride of the whole window, the
/// text is read in chunks that do not overlap. Windows start at multiples of the stride; the last
/// one may be shorter.
///
/// @param window tokens that a step reads: it has as many targets, each the token after
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
  public Result measure(InferenceModel inference, int[] ids, int chunk, Task.Progress progress) {
    TokenLosses.requireTarget("The text", ids);
    double sum = 0;
    long scored = 0;
    int firstTarget = 1; // index of the first id that has not been scored
    for (int start = 0; firstTarget < ids.length; start += stride) {
      int end = (int) Math.min(ids.length, start + window + 1L); // after the last target
      int[] part = Arrays.copyOfRange(ids, start, end);
      int first = firstTarget - start - 1;
      double[] losses = TokenLosses.read(inference, part, chunk, first, part.length - 1L).losses();
      sum += TokenLosses.mean(losses, first, losses.length) * (losses.length - first);
      scored += losses.length - first;
      progress.advance((long) end - firstTarget);
      firstTarget = end;
    }
    return new Result(sum / scored, scored);
  }
}

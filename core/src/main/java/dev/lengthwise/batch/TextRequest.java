package dev.lengthwise.batch;

import dev.lengthwise.generate.GenerationOptions;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.generate.MemoryPlanner;

/// A text to continue.
///
/// @param model the decoder of the scheduler under a position method, which is this text's alone
/// @param prompt at least one token
/// @param options when and how to generate; the size of chunks is the scheduler's
/// @param scoresPrompt whether the tokens of the prompt are scored as well, beside as many likely
///     ones as the options say
/// @param owner whom it is for: owners take turns, however many texts each has
/// @param tellsProgress whether [TextEvent.Progress] is told
public record TextRequest(
    InferenceModel model,
    int[] prompt,
    GenerationOptions options,
    boolean scoresPrompt,
    Object owner,
    boolean tellsProgress) {

  /// Checks the prompt.
  public TextRequest {
    if (prompt.length == 0) {
      throw new IllegalArgumentException("a prompt needs at least one token");
    }
  }

  /// Most tokens that the text may come to have.
  public long mostTokens() {
    return (long) prompt.length + options.predict();
  }

  /// Most bytes that its keys, values and states may come to take.
  ///
  /// @param chunk most tokens of the prompt that are read at once
  long mostBytes(int chunk) {
    return MemoryPlanner.ofTexts(model, chunk).cache(mostTokens());
  }
}

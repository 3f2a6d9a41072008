package dev.lengthwise.batch;

import dev.lengthwise.generate.GenerationOptions;
import dev.lengthwise.generate.InferenceModel;

/// A text to continue.
///
/// @param model the decoder of the scheduler under a position method, which is this text's alone
/// @param prompt at least one token
/// @param options when and how to generate; the size of chunks is the scheduler's
/// @param scoring which tokens are scored
/// @param owner whom it is for: owners take turns, however many texts each has
public record TextRequest(
    InferenceModel model, int[] prompt, GenerationOptions options, Scoring scoring, Object owner) {

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
}

package dev.lengthwise.batch;

import dev.lengthwise.generate.InferenceModel;
import java.util.Arrays;

/// What the bits of a prompt depend on.
///
/// @param model with its method and its type of cache
/// @param declared tokens of the whole prompt, where the method depends on that; else 0
/// @param ids tokens of the prompt, or its first
@SuppressWarnings("ArrayRecordComponent") // compared by the methods below
record ReadingKey(InferenceModel model, int declared, int[] ids) {

  static ReadingKey of(TextRequest request) {
    int[] prompt = request.prompt();
    int declared = request.model().plans().dependsOnLength() ? prompt.length : 0;
    return new ReadingKey(request.model(), declared, prompt);
  }

  /// The same with the first tokens only.
  ReadingKey first(int tokens) {
    return new ReadingKey(model, declared, Arrays.copyOf(ids, tokens));
  }

  /// Number of tokens that both begin with and that are read in the same way.
  int common(ReadingKey other) {
    if (declared != other.declared || !model.equals(other.model)) {
      return 0;
    }
    int differs = Arrays.mismatch(ids, other.ids);
    return differs < 0 ? ids.length : differs;
  }

  /// The last cut up to which a prompt has the bits of another one; one token at least is left to
  /// be read, since what follows a prompt is computed with its last one.
  int sharedCut(ReadingKey other, PromptCuts cuts) {
    return cuts.lastWithin(Math.min(common(other), ids.length - 1));
  }
}

package dev.lengthwise.generate;

import dev.lengthwise.tokenizer.Tokenizer;
import java.util.Set;

/// Says which tokens may come next in one generated text: a grammar, for instance.
public interface TokenFilter {

  /// Forbids tokens that may not come next, by a logit of −∞.
  ///
  /// @param logits one for each token; those of end tokens stay where the text may end here
  void mask(float[] logits);

  /// Hears which token came.
  void accept(int id);

  /// Whether the text can only end now.
  boolean isComplete();

  /// Makes the filter of a text.
  @FunctionalInterface
  interface Maker {

    /// A filter at the start of a text.
    ///
    /// @param ends tokens that end a text
    TokenFilter start(Tokenizer tokenizer, Set<Integer> ends);
  }
}

package dev.lengthwise.evaluate;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.text.PasskeyTemplate;
import dev.lengthwise.tokenizer.Tokenizer;
import java.util.Arrays;

/// A passkey prompt of a wanted number of tokens.
///
/// @param key the number to find
/// @param prompt ids of the prompt
/// @param answer ids of the right answer after the prompt
record PasskeyPrompt(long key, int[] prompt, int[] answer) {

  private static final int ATTEMPTS = 12;

  /// The longest prompt that has, with its answer, at most `tokens` tokens.
  ///
  /// Filler is added character by character, so the length comes out within a few tokens.
  ///
  /// @param depth share of the filler that comes before the needle
  static PasskeyPrompt of(
      PasskeyTemplate template, Tokenizer tokenizer, int tokens, double depth, long key) {
    PasskeyPrompt best = build(template, tokenizer, 0, depth, key);
    if (best.tokens() > tokens) {
      throw new LengthwiseException(
          "A passkey prompt of the template '"
              + template.name()
              + "' needs at least "
              + best.tokens()
              + " tokens of this model, more than the length "
              + tokens
              + "; give greater --lengths");
    }
    int minimum = best.tokens();
    int fits = 0;
    int tooMany = Integer.MAX_VALUE;
    int guess = 4 * (tokens - best.tokens());
    for (int attempt = 0; attempt < ATTEMPTS && guess > fits; attempt++) {
      PasskeyPrompt built = build(template, tokenizer, guess, depth, key);
      if (built.tokens() <= tokens) {
        fits = guess;
        best = built;
      } else {
        tooMany = guess;
      }
      double perToken = guess / Math.max(1.0, built.tokens() - minimum);
      guess = (int) (guess + perToken * (tokens - built.tokens()));
      if (guess >= tooMany) {
        guess = fits + (tooMany - fits) / 2;
      }
    }
    return best;
  }

  int tokens() {
    return prompt.length + answer.length;
  }

  /// Tokens of the prompt without filler, with its answer.
  static int minimum(PasskeyTemplate template, Tokenizer tokenizer, long key) {
    return build(template, tokenizer, 0, 0, key).tokens();
  }

  private static PasskeyPrompt build(
      PasskeyTemplate template, Tokenizer tokenizer, int filler, double depth, long key) {
    int before = (int) Math.round(filler * depth);
    String prompt = template.build(key, before, filler - before);
    int[] alone = tokenizer.encodePrompt(prompt);
    int[] whole = tokenizer.encodePrompt(prompt + template.answer(key));
    // The last token of the prompt may merge with the answer: the prompt ends where both agree.
    int common = Arrays.mismatch(alone, whole);
    int end = common < 0 ? alone.length : common;
    return new PasskeyPrompt(
        key, Arrays.copyOf(whole, end), Arrays.copyOfRange(whole, end, whole.length));
  }
}

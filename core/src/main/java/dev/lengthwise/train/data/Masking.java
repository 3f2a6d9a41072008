package dev.lengthwise.train.data;

import dev.lengthwise.parallel.CounterRandom;
import dev.lengthwise.tokenizer.Tokenizer;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Hides tokens of a window, which a bidirectional model learns to fill in.
///
/// Every word is hidden with probability 0.15, independently; a token is a word, unless the lexicon
/// has a longer one. Of the hidden tokens 80 % are replaced by the mask, 10 % by a random token,
/// and 10 % stay; only hidden ones are targets. Source: Devlin et al. 2019, "BERT", section 3.1
/// (there a fixed number of tokens).
///
/// @param mask id of the mask
/// @param vocabulary ids from 0 on that a random token is one of
/// @param words that are hidden as a whole
public record Masking(int mask, int vocabulary, WordLexicon words) {

  private static final double HIDDEN = 0.15;
  private static final double REPLACED_BY_MASK = 0.8;
  private static final double REPLACED_BY_RANDOM = 0.1;
  private static final List<String> MASKS = List.of("[MASK]", "<mask>");

  /// With the mask of a tokenizer, and without a lexicon.
  public static Masking of(Tokenizer tokenizer) {
    return new Masking(maskOf(tokenizer), tokenizer.vocabularySize(), WordLexicon.NONE);
  }

  /// The mask of a tokenizer: its own, or else the first id that it does not use, so its size.
  public static int maskOf(Tokenizer tokenizer) {
    Map<String, Integer> controls = tokenizer.controlTokens();
    return MASKS.stream()
        .flatMap(name -> Stream.ofNullable(controls.get(name)))
        .findFirst()
        .orElse(tokenizer.vocabularySize());
  }

  /// Hides tokens of window `row`, whatever its targets were before.
  ///
  /// @param random decides which
  public void hide(WindowBatch batch, int row, CounterRandom random) {
    int start = row * batch.length();
    int end = start + batch.length();
    int at = start;
    while (at < end) {
      int next = at + words.length(batch.inputs(), at, end);
      boolean hidden = random.nextDouble() < HIDDEN;
      for (; at < next; at++) {
        batch.targets()[at] = hidden ? batch.inputs()[at] : WindowBatch.IGNORED;
        if (hidden) {
          batch.inputs()[at] = replacement(batch.inputs()[at], random);
        }
      }
    }
  }

  private long replacement(long id, CounterRandom random) {
    double draw = random.nextDouble();
    if (draw < REPLACED_BY_MASK) {
      return mask;
    }
    return draw < REPLACED_BY_MASK + REPLACED_BY_RANDOM ? random.below(vocabulary) : id;
  }
}

package dev.lengthwise.tokenizer;

import java.util.List;

/// How texts of a byte-level BPE vocabulary are cut into words, and what follows from its name.
///
/// @param names values of `tokenizer.ggml.pre` that mean this; the first one is written
/// @param patterns regular expressions that cut one after the other: what one matches is a part,
///     and so is what lies between two matches
/// @param ignoresMerges whether a word that is a token stays whole, whatever the merges say
/// @param begin what is assumed of the begin of text where the keys are absent
public record PreTokenizer(
    List<String> names, List<String> patterns, boolean ignoresMerges, Begin begin) {

  /// The begin of a text in files that do not say.
  public enum Begin {
    /// Prompts start with it.
    ADDED,
    /// There is one, but prompts do not start with it.
    LEFT_OUT,
    /// There is none.
    ABSENT
  }

  public PreTokenizer {
    names = List.copyOf(names);
    patterns = List.copyOf(patterns);
  }

  /// Patterns alone: merges count, and prompts start with nothing.
  static PreTokenizer of(List<String> names, String... patterns) {
    return new PreTokenizer(names, List.of(patterns), false, Begin.LEFT_OUT);
  }

  PreTokenizer ignoringMerges() {
    return new PreTokenizer(names, patterns, true, begin);
  }

  PreTokenizer begin(Begin other) {
    return new PreTokenizer(names, patterns, ignoresMerges, other);
  }
}

package dev.lengthwise.tokenizer;

import java.util.List;

/// How texts of a BPE vocabulary are cut into words, and what follows from its name.
///
/// @param names values of `tokenizer.ggml.pre` that mean this; the first one is written
/// @param patterns regular expressions that cut one after the other: what one matches is a part,
///     and so is what lies between two matches
/// @param ignoresMerges whether a word that is a token stays whole, whatever the merges say
/// @param begin what is assumed of the begin of text where the keys are absent
/// @param spelling how tokens are spelled
/// @param keepsLineBreaks whether a run of line breaks that is a token stays whole, whatever the
///     merges say
/// @param cutsWords whether its patterns always cut before a single space between a small letter or
///     one of `,.;:!?` and an ASCII letter, and cut both sides as they would each alone
public record PreTokenizer(
    List<String> names,
    List<String> patterns,
    boolean ignoresMerges,
    Begin begin,
    Spelling spelling,
    boolean keepsLineBreaks,
    boolean cutsWords) {

  /// The begin of a text in files that do not say.
  public enum Begin {
    /// Prompts start with it.
    ADDED,
    /// The same, and also where a file says that they do not.
    ALWAYS,
    /// There is one, but prompts do not start with it.
    LEFT_OUT,
    /// There is none.
    ABSENT
  }

  /// How the tokens of a vocabulary are spelled.
  public enum Spelling {
    /// In bytes, a character for each, as GPT-2 has them.
    BYTES,
    /// In characters, with `▁` for the space and `<0xNN>` for a byte without a token.
    ESCAPED,
    /// In characters as they are.
    PLAIN
  }

  /// Copies the lists.
  public PreTokenizer {
    names = List.copyOf(names);
    patterns = List.copyOf(patterns);
  }

  /// Patterns alone: merges count, and prompts start with nothing.
  static PreTokenizer of(List<String> names, String... patterns) {
    return new PreTokenizer(
        names, List.of(patterns), false, Begin.LEFT_OUT, Spelling.BYTES, false, true);
  }

  PreTokenizer ignoringMerges() {
    return new PreTokenizer(names, patterns, true, begin, spelling, keepsLineBreaks, cutsWords);
  }

  PreTokenizer begin(Begin other) {
    return new PreTokenizer(
        names, patterns, ignoresMerges, other, spelling, keepsLineBreaks, cutsWords);
  }

  PreTokenizer spelled(Spelling other) {
    return new PreTokenizer(
        names, patterns, ignoresMerges, begin, other, keepsLineBreaks, cutsWords);
  }

  PreTokenizer keepingLineBreaks() {
    return new PreTokenizer(names, patterns, ignoresMerges, begin, spelling, true, cutsWords);
  }

  PreTokenizer joiningWords() {
    return new PreTokenizer(
        names, patterns, ignoresMerges, begin, spelling, keepsLineBreaks, false);
  }
}

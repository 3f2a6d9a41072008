package dev.lengthwise.text;

/// A prompt that hides a number in filler text and asks for it: five pieces joined by line breaks.
///
/// Lengths of filler are in characters; the filler before and after the needle both start with the
/// first unit and may end within a word.
///
/// @param name name of the template in commands and protocols
/// @param instruction first piece
/// @param fillerUnit sentence or sentences that the filler repeats, joined by one space
/// @param needle the piece with the number, where [#KEY] stands for the number
/// @param question last piece; the answer follows after one space
public record PasskeyTemplate(
    String name, String instruction, String fillerUnit, String needle, String question) {

  /// What stands for the number in [#needle].
  public static final String KEY = "{K}";

  /// The template of "Landmark Attention" (Mohtashami and Jaggi 2023, `llama/run_test.py`), which
  /// LM-Infinite and CoCA use too.
  public static final PasskeyTemplate LANDMARK =
      new PasskeyTemplate(
          "landmark",
          "There is an important info hidden inside a lot of irrelevant text. Find it and memorize"
              + " them. I will quiz you about the important information there.",
          "The grass is green. The sky is blue. The sun is yellow. Here we go. There and back"
              + " again.",
          "The pass key is {K}. Remember it. {K} is the pass key.",
          "What is the pass key? The pass key is");

  /// Checks that the needle has a place for the number.
  public PasskeyTemplate {
    if (!needle.contains(KEY) || fillerUnit.isEmpty()) {
      throw new IllegalArgumentException("a needle needs " + KEY + " and a filler needs text");
    }
  }

  /// The prompt for `key`, without the answer.
  ///
  /// @param prefixCharacters characters of filler before the needle
  /// @param suffixCharacters characters of filler after it
  public String build(long key, int prefixCharacters, int suffixCharacters) {
    return String.join(
        "\n",
        instruction,
        filler(prefixCharacters),
        needle.replace(KEY, Long.toString(key)),
        filler(suffixCharacters),
        question);
  }

  /// What a model should write after the prompt.
  public String answer(long key) {
    return " " + key;
  }

  private String filler(int characters) {
    if (characters < 0) {
      throw new IllegalArgumentException("a filler has no negative length: " + characters);
    }
    String unit = fillerUnit + " ";
    return unit.repeat(characters / unit.length() + 1).substring(0, characters);
  }
}

package dev.lengthwise.text;

/// A text whose end is known exactly.
///
/// @param prompt everything before the answer
/// @param answer the only right continuation
public record Question(String prompt, String answer) {

  /// Prompt and answer.
  public String text() {
    return prompt + answer;
  }
}

package dev.lengthwise.train.data;

import dev.lengthwise.text.Question;

/// A document to learn.
///
/// @param prompt read, but not learnt; empty for ordinary texts
/// @param text learnt
public record TrainingText(String prompt, String text) {

  /// A document that is learnt whole.
  static TrainingText whole(String text) {
    return new TrainingText("", text);
  }

  /// A question with its answer.
  static TrainingText of(Question question, boolean answersOnly) {
    return answersOnly
        ? new TrainingText(question.prompt(), question.answer())
        : whole(question.text());
  }

  /// Prompt and text.
  public String all() {
    return prompt + text;
  }
}

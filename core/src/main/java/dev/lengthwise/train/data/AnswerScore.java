package dev.lengthwise.train.data;

import java.util.List;

/// How well questions were answered, where the most likely token is taken each time. A whole answer
/// is right exactly when each of its tokens is the most likely one after the right ones before it.
///
/// @param questions how many were asked
/// @param exact share of the answers that are right from the first to the last token
/// @param tokens share of the tokens of answers that are right, given those before
public record AnswerScore(int questions, double exact, double tokens) {

  /// One answer.
  ///
  /// @param right how many of its tokens are right
  /// @param tokens how many it has
  public record Answer(int right, int tokens) {

    /// Compares an answer with the most likely tokens.
    public static Answer of(int[] answer, int[] likely) {
      int right = 0;
      for (int place = 0; place < answer.length; place++) {
        right += likely[place] == answer[place] ? 1 : 0;
      }
      return new Answer(right, answer.length);
    }
  }

  /// The score of all answers, of which there is at least one.
  public static AnswerScore of(List<Answer> answers) {
    long exact = answers.stream().filter(answer -> answer.right == answer.tokens).count();
    double right = answers.stream().mapToInt(Answer::right).sum();
    return new AnswerScore(
        answers.size(),
        (double) exact / answers.size(),
        right / answers.stream().mapToInt(Answer::tokens).sum());
  }
}

package dev.lengthwise.evaluate;

import dev.lengthwise.generate.Generator;
import dev.lengthwise.generate.Logits;
import dev.lengthwise.generate.Sampler;
import dev.lengthwise.generate.Sequence;
import dev.lengthwise.text.GeneratedTexts;
import dev.lengthwise.train.data.AnswerScore;
import dev.lengthwise.train.data.QuestionTokens;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/// How many generated questions a model answers exactly, at any length.
final class AnswerAccuracy {

  private AnswerAccuracy() {}

  /// Asks questions `first … first + count − 1`.
  ///
  /// @param texts the questions
  /// @param first a number that training did not reach, where seeds are equal
  public static AnswerScore measure(Subject subject, GeneratedTexts texts, long first, int count) {
    List<AnswerScore.Answer> answers = new ArrayList<>();
    for (long number = first; number < first + count; number++) {
      answers.add(answer(subject, QuestionTokens.of(subject.tokenizer(), texts.question(number))));
    }
    return AnswerScore.of(answers);
  }

  private static AnswerScore.Answer answer(Subject subject, QuestionTokens question) {
    int[] answer = question.answer();
    int[] likely = new int[answer.length];
    try (Sequence sequence = subject.inference().newSequence().declareLength(question.length())) {
      likely[0] = Sampler.greatest(Generator.prefill(sequence, question.prompt(), subject.chunk()));
      for (int from = 1; from < answer.length; from += subject.chunk()) {
        int until = Math.min(answer.length, from + subject.chunk());
        readOn(sequence, Arrays.copyOfRange(answer, from - 1, until - 1), likely, from);
      }
    }
    return AnswerScore.Answer.of(answer, likely);
  }

  private static void readOn(Sequence sequence, int[] given, int[] likely, int from) {
    try (PointerScope _ = new PointerScope()) {
      Tensor logits = sequence.logits(sequence.prefill(given)); // [given, vocabulary]
      for (int at = 0; at < given.length; at++) {
        likely[from + at] = Sampler.greatest(Logits.toArray(logits.select(0, at)));
      }
    }
  }
}

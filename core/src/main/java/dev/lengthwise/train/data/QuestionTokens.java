package dev.lengthwise.train.data;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.text.Question;
import dev.lengthwise.tokenizer.Tokenizer;
import java.util.Arrays;

/// A question as tokens, cut as training documents are: the answer's first token holds nothing of
/// the prompt.
///
/// @param prompt ids of the prompt, with the begin of text where the vocabulary has one
/// @param answer ids of the answer
public record QuestionTokens(int[] prompt, int[] answer) {

  /// The tokens of a question; [LengthwiseException] when the vocabulary cannot write it.
  public static QuestionTokens of(Tokenizer tokenizer, Question question) {
    int[] inner = tokenizer.encode(question.prompt());
    int[] answer = tokenizer.encode(question.answer());
    String readBack = tokenizer.decode(inner) + tokenizer.decode(answer);
    if (!readBack.equals(question.text())) {
      throw new LengthwiseException(
          "The tokenizer %s cannot write the question '%s': it reads back as '%s'; ask questions of"
                  .formatted(tokenizer.name(), question.text(), readBack)
              + " the kind that the tokenizer was made for.");
    }
    if (tokenizer.beginOfText().isEmpty()) {
      return new QuestionTokens(inner, answer);
    }
    int[] prompt = new int[inner.length + 1];
    prompt[0] = tokenizer.beginOfText().getAsInt();
    System.arraycopy(inner, 0, prompt, 1, inner.length);
    return new QuestionTokens(prompt, answer);
  }

  /// Tokens of prompt and answer.
  public int length() {
    return prompt.length + answer.length;
  }

  /// Prompt, and answer but for its last token: what a model reads that gives the whole answer.
  public int[] inputs() {
    int[] ids = Arrays.copyOf(prompt, length() - 1);
    System.arraycopy(answer, 0, ids, prompt.length, answer.length - 1);
    return ids;
  }
}

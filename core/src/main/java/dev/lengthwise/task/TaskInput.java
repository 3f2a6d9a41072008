package dev.lengthwise.task;

import dev.lengthwise.generate.WholeText;
import java.util.Arrays;
import java.util.List;

/// An example as an encoder reads it.
///
/// @param texts that it is made of: one, or one for each choice, or overlapping windows
/// @param wanted what the head should answer, empty where nobody knows: of a classification the
///     class, of a choice the number of the right text, of each window of a reading the first and
///     the last token of the answer, of each window of a tagging the tag of each token, or
///     [#NOTHING]
public record TaskInput(List<WholeText> texts, List<long[]> wanted) {

  /// The tag of a token that no loss counts.
  public static final long NOTHING = -100;

  /// Copies the lists.
  public TaskInput {
    texts = List.copyOf(texts);
    wanted = List.copyOf(wanted);
  }

  /// Tokens of all texts.
  public int tokens() {
    return texts.stream().mapToInt(WholeText::length).sum();
  }

  /// What a loss is the mean of: classes, choices, ends of answers or tags that are wanted.
  public long answers() {
    return wanted.stream().flatMapToLong(Arrays::stream).filter(one -> one != NOTHING).count();
  }
}

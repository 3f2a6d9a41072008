package dev.lengthwise.evaluate;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.train.data.DataSource;
import dev.lengthwise.train.data.TrainingText;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// The two sets of texts that tell whether a model only goes on fluently past its trained length,
/// or also uses what stands far back (Su 2023, kexue.fm/archives/9603): who can only go on is as
/// good on both, who retrieves is far better on repeated ones.
public final class TextSets {

  private TextSets() {}

  /// "Non-repeated": the first `length` tokens of natural documents that are at least as long.
  ///
  /// @param count how many texts, the first ones of the source
  /// @throws LengthwiseException when the source has fewer
  public static List<int[]> nonRepeated(
      DataSource source, Tokenizer tokenizer, int length, int count) {
    return take(
        source,
        tokenizer,
        ids -> ids.length >= length,
        ids -> Arrays.copyOf(ids, length),
        new Wanted("at least " + length, count));
  }

  /// "Repeated": documents shorter than the length, tiled until they fill `length` tokens, so that
  /// every later copy can be read off the first.
  ///
  /// @param shortest fewest tokens of a document: above the trained length, a copy is out of reach
  ///     of whoever sees the trained length only
  /// @param length tokens of each text
  /// @param count how many texts, the first ones of the source
  /// @throws LengthwiseException when the source has fewer
  public static List<int[]> repeated(
      DataSource source, Tokenizer tokenizer, int shortest, int length, int count) {
    return take(
        source,
        tokenizer,
        ids -> ids.length >= Math.max(1, shortest) && ids.length < length,
        ids -> tiled(ids, length),
        new Wanted("from " + shortest + " to " + (length - 1), count));
  }

  /// `text`, again and again, until there are `length` tokens.
  public static int[] tiled(int[] text, int length) {
    int[] ids = new int[length];
    for (int at = 0; at < length; at++) {
      ids[at] = text[at % text.length];
    }
    return ids;
  }

  private record Wanted(String lengths, int count) {}

  private static List<int[]> take(
      DataSource source,
      Tokenizer tokenizer,
      Predicate<int[]> fits,
      UnaryOperator<int[]> shape,
      Wanted wanted) {
    try (Stream<TrainingText> documents = source.documents()) {
      List<int[]> texts =
          documents
              .map(document -> tokenizer.encode(document.all()))
              .filter(fits)
              .limit(wanted.count())
              .map(shape)
              .toList();
      if (texts.size() < wanted.count()) {
        throw new LengthwiseException(
            "Source '%s' has %d documents of %s tokens; expected %d; give more texts or ask for"
                    .formatted(source.description(), texts.size(), wanted.lengths(), wanted.count())
                + " fewer.");
      }
      return texts;
    }
  }
}

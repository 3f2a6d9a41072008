package dev.lengthwise.tokenizer.sentencepiece;

import dev.lengthwise.tokenizer.IntList;
import dev.lengthwise.tokenizer.Vocabulary;
import dev.lengthwise.tokenizer.VocabularyTokenizer;
import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// A SentencePiece tokenizer: normalises the text, takes out the pieces that the user defined, and
/// cuts what lies between them.
public final class SentencePieceTokenizer extends VocabularyTokenizer {

  private final Pieces pieces;
  private final SentencePieceNormalizer normalizer;
  private final Segmenter segmenter;
  private final Pattern userDefined;

  /// A tokenizer made of its parts.
  public SentencePieceTokenizer(
      Vocabulary vocabulary,
      Pieces pieces,
      SentencePieceNormalizer normalizer,
      Segmenter segmenter) {
    super(vocabulary);
    this.pieces = pieces;
    this.normalizer = normalizer;
    this.segmenter = segmenter;
    this.userDefined = userDefined(pieces);
  }

  /// The pieces, by id.
  public Pieces pieces() {
    return pieces;
  }

  /// What is done to a text before it is cut.
  public SentencePieceNormalizer normalizer() {
    return normalizer;
  }

  /// Whether it finds the best sum of scores.
  public boolean isUnigram() {
    return segmenter instanceof UnigramSegmenter;
  }

  /// Whether it only puts a space in front and joins pieces by score, as GGUF vocabularies of the
  /// model `llama` do.
  public boolean joinsByScoreOnly() {
    return segmenter instanceof MergeSegmenter merging
        && merging.joining()
        && normalizer.equals(SentencePieceNormalizer.plain(normalizer.dummyPrefix()));
  }

  @Override
  public int[] encode(String text) {
    String normalized = normalizer.apply(text);
    IntList ids = new IntList();
    Matcher matcher = userDefined.matcher(normalized);
    int done = 0;
    while (matcher.find()) {
      segmenter.segment(normalized.substring(done, matcher.start()), ids);
      ids.add(pieces.find(matcher.group()));
      done = matcher.end();
    }
    segmenter.segment(normalized.substring(done), ids);
    return ids.toArray();
  }

  /// Finds the longest of the pieces that the user defined; nothing when there are none.
  private static Pattern userDefined(Pieces pieces) {
    String alternatives =
        pieces.all().stream()
            .filter(piece -> piece.kind() == Pieces.Kind.USER_DEFINED)
            .map(Pieces.Piece::text)
            .filter(text -> !text.isEmpty())
            .sorted(Comparator.comparingInt(String::length).reversed())
            .map(Pattern::quote)
            .collect(Collectors.joining("|"));
    return Pattern.compile(alternatives.isEmpty() ? "(?!)" : alternatives);
  }
}

package dev.lengthwise.tokenizer.sentencepiece;

import dev.lengthwise.tokenizer.IntList;
import dev.lengthwise.tokenizer.Vocabulary;
import dev.lengthwise.tokenizer.VocabularyTokenizer;
import dev.lengthwise.tokenizer.WordCuts;
import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A SentencePiece tokenizer: normalises the text, takes out the pieces that the user defined, and
/// cuts what lies between them.
public final class SentencePieceTokenizer extends VocabularyTokenizer {

  private final Pieces pieces;
  private final SentencePieceNormalizer normalizer;
  private final Segmenter segmenter;
  private final Pattern userDefined;
  private final WordCuts cuts;

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
    this.cuts = findCuts();
  }

  /// The pieces, by id.
  public Pieces pieces() {
    return pieces;
  }

  /// Where long texts may be cut.
  WordCuts cuts() {
    return cuts;
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

  // Pieces are joined on both sides of a cut as if each were alone where no piece spans it, and
  // nothing else looks across. Replacements of characters could; and unigram sums scores from the
  // begin of a text, rounded.
  private WordCuts findCuts() {
    boolean local = segmenter instanceof MergeSegmenter && normalizer.keepsCharacters();
    if (!local || pieces.find(String.valueOf(SentencePieces.SPACE)) < 0) {
      return WordCuts.NONE;
    }
    Stream<String> found =
        pieces.all().stream().filter(piece -> piece.kind().inTexts()).map(Pieces.Piece::text);
    return WordCuts.avoiding(found, normalizer.dummyPrefix());
  }

  @Override
  public int[] encode(String text) {
    return cuts.encode(text, this::encodePart);
  }

  int[] encodePart(String text) {
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

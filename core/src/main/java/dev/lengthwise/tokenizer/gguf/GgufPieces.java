package dev.lengthwise.tokenizer.gguf;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.tokenizer.sentencepiece.Pieces;
import dev.lengthwise.tokenizer.sentencepiece.SentencePieceNormalizer;
import dev.lengthwise.tokenizer.sentencepiece.SentencePieceTokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A SentencePiece vocabulary as GGUF files carry it: unigram ones as the model `t5`, BPE without
/// rules for texts as the model `llama`.
public final class GgufPieces {

  private GgufPieces() {}

  /// The vocabulary of SentencePiece's pieces, filled up to `rows` tokens.
  public static GgufVocabulary of(SentencePieceTokenizer tokenizer, int rows) {
    SentencePieceNormalizer texts = tokenizer.normalizer();
    GgufVocabulary.Spaces spaces =
        new GgufVocabulary.Spaces(texts.dummyPrefix(), texts.removeExtraSpaces(), texts.rules());
    if (tokenizer.isUnigram()) {
      return vocabulary("t5", spaces, tokenizer.pieces().all(), tokenizer, rows);
    }
    if (!tokenizer.joinsByScoreOnly()) {
      throw new LengthwiseException(
          "the tokenizer "
              + tokenizer.name()
              + " is neither SentencePiece unigram nor SentencePiece BPE without text rules, the"
              + " only kinds that GGUF files express");
    }
    return vocabulary("llama", spaces, tokenizer.pieces().all(), tokenizer, rows);
  }

  /// The vocabulary of `pieces`, filled up to `rows`, with the roles that `tokenizer` knows.
  static GgufVocabulary vocabulary(
      String model,
      GgufVocabulary.Spaces spaces,
      List<Pieces.Piece> pieces,
      Tokenizer tokenizer,
      int rows) {
    List<Pieces.Piece> filled = filled(pieces, tokenizer.name(), rows);
    String[] tokens = filled.stream().map(Pieces.Piece::text).toArray(String[]::new);
    float[] scores = new float[rows];
    int[] types = new int[rows];
    for (int id = 0; id < rows; id++) {
      scores[id] = filled.get(id).score();
      types[id] = filled.get(id).kind().number();
    }
    return new GgufVocabulary(
        model,
        "default",
        tokens,
        scores,
        types,
        new String[0],
        GgufVocabulary.Marks.of(tokenizer),
        spaces,
        new GgufVocabulary.Source(tokenizer.name(), tokenizer::sha256));
  }

  /// The pieces, and unused ones up to `rows`.
  static List<Pieces.Piece> filled(List<Pieces.Piece> pieces, String name, int rows) {
    if (pieces.size() > rows) {
      throw new LengthwiseException(
          "the tokenizer "
              + name
              + " has "
              + pieces.size()
              + " tokens, more than the "
              + rows
              + " rows of the embedding");
    }
    List<Pieces.Piece> filled = new ArrayList<>(pieces);
    while (filled.size() < rows) {
      filled.add(new Pieces.Piece("[PAD" + filled.size() + "]", 0, Pieces.Kind.UNUSED));
    }
    return filled;
  }

  /// Nothing but places for `size` pieces.
  static List<Pieces.Piece> places(int size) {
    Pieces.Piece[] places = new Pieces.Piece[size];
    for (int id = 0; id < size; id++) {
      places[id] = new Pieces.Piece("[PAD" + id + "]", 0, Pieces.Kind.UNUSED);
    }
    return Arrays.asList(places);
  }
}

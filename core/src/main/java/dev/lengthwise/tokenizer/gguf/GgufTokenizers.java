package dev.lengthwise.tokenizer.gguf;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.tokenizer.Vocabulary;
import dev.lengthwise.tokenizer.sentencepiece.MergeSegmenter;
import dev.lengthwise.tokenizer.sentencepiece.Pieces;
import dev.lengthwise.tokenizer.sentencepiece.Segmenter;
import dev.lengthwise.tokenizer.sentencepiece.SentencePieceNormalizer;
import dev.lengthwise.tokenizer.sentencepiece.SentencePieceTokenizer;
import dev.lengthwise.tokenizer.sentencepiece.UnigramSegmenter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Function;

/// Builds tokenizers from the vocabularies of GGUF files: `llama` ones are SentencePiece BPE, `t5`
/// ones SentencePiece unigram, `gpt2` and `gemma4` ones BPE by merges ([GgufBytePair]), `bert` ones
/// WordPiece.
public final class GgufTokenizers {

  private static final String MODEL = "tokenizer.ggml.model";

  private GgufTokenizers() {}

  /// The tokenizer that a vocabulary describes; throws where none is known.
  public static Tokenizer open(GgufVocabulary gguf) {
    check(gguf);
    return switch (gguf.model()) {
      case "llama" -> sentencePiece(gguf, MergeSegmenter::byScore);
      case "t5" -> sentencePiece(gguf, UnigramSegmenter::new);
      case "gpt2" -> new GgufBytePair(gguf, gguf.pre()).tokenizer();
      case "gemma4" -> new GgufBytePair(gguf, gguf.model()).tokenizer();
      case "bert" -> GgufWordPieces.tokenizer(gguf);
      case "rwkv" -> throw unknown(gguf, "of RWKV");
      case "plamo2" -> throw unknown(gguf, "of PLaMo 2");
      default -> throw unknown(gguf, "unknown here");
    };
  }

  private static LengthwiseException unknown(GgufVocabulary gguf, String what) {
    return new LengthwiseException(
        "The tokenizer in %s is of the kind \"%s\" (%s) under %s, which this program does not have; it has llama, t5, gpt2, gemma4 and bert. Give token ids (--ids) instead of text."
            .formatted(gguf.source().name(), gguf.model(), what, MODEL));
  }

  private static void check(GgufVocabulary gguf) {
    int size = gguf.tokens().length;
    if (size == 0) {
      throw damaged(gguf, "tokenizer.ggml.tokens", "at least one token", "none");
    }
    boolean scored = gguf.model().equals("llama") || gguf.model().equals("t5");
    if (gguf.scores().length != size && (scored || gguf.scores().length != 0)) {
      throw damaged(gguf, "tokenizer.ggml.scores", size + " scores", "" + gguf.scores().length);
    }
    if (gguf.types().length != size && gguf.types().length != 0) {
      throw damaged(gguf, "tokenizer.ggml.token_type", size + " types", "" + gguf.types().length);
    }
    checkId(gguf, "tokenizer.ggml.bos_token_id", gguf.marks().begin());
    checkId(gguf, "tokenizer.ggml.eos_token_id", gguf.marks().end());
  }

  private static void checkId(GgufVocabulary gguf, String key, int id) {
    int size = gguf.tokens().length;
    if (id < -1 || id >= size) {
      throw damaged(gguf, key, "an id from 0 to " + (size - 1), "" + id);
    }
  }

  static LengthwiseException damaged(
      GgufVocabulary gguf, String key, String expected, String found) {
    return new LengthwiseException(
        "The tokenizer in %s cannot be used: expected %s under %s, found %s; use another file of the model, or its tokenizer.json."
            .formatted(gguf.source().name(), expected, key, found));
  }

  private static Tokenizer sentencePiece(
      GgufVocabulary gguf, Function<Pieces, Segmenter> segmenter) {
    List<Pieces.Piece> pieces = new ArrayList<>(gguf.tokens().length);
    int unknown = -1;
    for (int id = 0; id < gguf.tokens().length; id++) {
      Pieces.Kind kind = Pieces.Kind.of(gguf.type(id));
      pieces.add(new Pieces.Piece(gguf.tokens()[id], gguf.scores()[id], kind));
      if (kind == Pieces.Kind.UNKNOWN && unknown < 0) {
        unknown = id;
      }
    }
    Pieces table = new Pieces(pieces, unknown);
    GgufVocabulary.Spaces spaces = gguf.spaces();
    return new SentencePieceTokenizer(
        vocabulary(gguf, table.bytes(""), table.controls(), spaces.prefix()),
        table,
        SentencePieceNormalizer.of(
            spaces.rules(), gguf.source().name(), spaces.prefix(), spaces.removeExtra()),
        segmenter.apply(table));
  }

  static Vocabulary vocabulary(
      GgufVocabulary gguf, List<byte[]> bytes, Map<String, Integer> controls, boolean space) {
    GgufVocabulary.Marks marks = gguf.marks();
    String name =
        "GGUF vocabulary " + gguf.model() + (gguf.pre().isEmpty() ? "" : " " + gguf.pre());
    return new Vocabulary(
        bytes,
        controls,
        new Vocabulary.Marks(
            optional(marks.begin()),
            optional(marks.end()),
            marks.addsBegin() && marks.begin() >= 0,
            marks.addsEnd() && marks.end() >= 0),
        Vocabulary.Spaces.leading(space),
        name,
        gguf.source().sha256());
  }

  private static OptionalInt optional(int id) {
    return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
  }
}

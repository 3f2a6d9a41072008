package dev.lengthwise.tokenizer.gguf;

import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.tokenizer.json.JsonTokenizer;
import dev.lengthwise.tokenizer.json.NativeTokenizer;
import dev.lengthwise.tokenizer.json.TokenizerJson;
import dev.lengthwise.tokenizer.json.WordPieceJson;
import dev.lengthwise.tokenizer.sentencepiece.Pieces;
import dev.lengthwise.tokenizer.sentencepiece.SentencePieces;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// WordPiece as GGUF files of encoders carry it: pieces that begin a word are marked, with `▁`, and
/// those inside a word are not. Texts are put in lower case without accents, as llama.cpp does with
/// every such file.
final class GgufWordPieces {

  private GgufWordPieces() {}

  static Tokenizer tokenizer(GgufVocabulary gguf) {
    List<String> pieces = new ArrayList<>();
    List<String> controls = new ArrayList<>();
    for (int id = 0; id < gguf.tokens().length; id++) {
      String token = gguf.tokens()[id];
      Pieces.Kind kind = Pieces.Kind.of(gguf.type(id));
      boolean control =
          kind == Pieces.Kind.CONTROL || kind == Pieces.Kind.UNKNOWN || isBracketed(token);
      String piece = control ? token : unmarked(token);
      pieces.add(piece);
      if (control && !isUnused(token)) {
        controls.add(piece);
      }
    }
    TokenizerJson json =
        TokenizerJson.parse(
            WordPieceJson.bert(true)
                .of(pieces, controls)
                .toString()
                .getBytes(StandardCharsets.UTF_8),
            gguf.source().name());
    return new JsonTokenizer(
        GgufTokenizers.vocabulary(gguf, json.bytes(pieces.size()), json.controls(), true),
        NativeTokenizer.of(json.forLibrary(), "The tokenizer in " + gguf.source().name()));
  }

  private static boolean isBracketed(String token) {
    return token.startsWith("[") && token.endsWith("]");
  }

  // Pieces that a vocabulary keeps free: thousands of them would be slow to look for.
  private static boolean isUnused(String token) {
    return token.startsWith("[unused");
  }

  private static String unmarked(String token) {
    return !token.isEmpty() && token.charAt(0) == SentencePieces.SPACE
        ? token.substring(1)
        : WordPieceJson.CONTINUED + token;
  }
}

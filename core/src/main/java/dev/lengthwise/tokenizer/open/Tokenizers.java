package dev.lengthwise.tokenizer.open;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.gguf.GgufFile;
import dev.lengthwise.io.Sha256;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.tokenizer.Vocabulary;
import dev.lengthwise.tokenizer.gguf.GgufDefaults;
import dev.lengthwise.tokenizer.gguf.GgufJson;
import dev.lengthwise.tokenizer.gguf.GgufPieces;
import dev.lengthwise.tokenizer.gguf.GgufTokenizers;
import dev.lengthwise.tokenizer.gguf.GgufVocabulary;
import dev.lengthwise.tokenizer.json.JsonTokenizer;
import dev.lengthwise.tokenizer.json.NativeTokenizer;
import dev.lengthwise.tokenizer.json.TokenizerJson;
import dev.lengthwise.tokenizer.llama2c.Llama2cTokenizerFile;
import dev.lengthwise.tokenizer.sentencepiece.SentencePieceFile;
import dev.lengthwise.tokenizer.sentencepiece.SentencePieceTokenizer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/// Opens tokenizers: the place to start.
public final class Tokenizers {

  /// The first byte of a SentencePiece model: its first field is a piece.
  private static final byte SENTENCE_PIECE = 0x0A;

  private Tokenizers() {}

  /// Opens the tokenizer in `file`, whatever its name: the content decides between
  /// `tokenizer.json`, SentencePiece model, WordPiece vocabulary and llama2.c tokenizer.
  ///
  /// Prompts start with the begin of text wherever a SentencePiece model has one, as Llama's models
  /// expect, unless `add_bos_token` of a `tokenizer_config.json` beside it is false;
  /// `add_eos_token` there ends whole texts. In a folder with a `tokenizer.json` the post-processor
  /// inside says so.
  ///
  /// A Hugging Face `tokenizer.json` takes the begin and the end of text from
  /// `tokenizer_config.json` and `special_tokens_map.json` beside it, from its post-processor, or
  /// from well-known names, in that order.
  ///
  /// @throws LengthwiseException when the file is missing, damaged or of another kind
  public static Tokenizer open(Path file) {
    byte[] content = Sources.read(file);
    String name = file.getFileName().toString();
    String origin = file.toString();
    if (startsJson(content)) {
      return openJson(content, file);
    }
    if (Llama2cTokenizerFile.matches(content)) {
      return Llama2cTokenizerFile.open(content, origin, name);
    }
    if (content[0] == SENTENCE_PIECE) {
      return SentencePieceFile.open(content, origin, name, TextRoles.ofModelFile(file));
    }
    if (WordPieceFile.matches(content, file)) {
      return openJson(
          WordPieceFile.json(content, file).toString().getBytes(StandardCharsets.UTF_8), file);
    }
    throw new LengthwiseException(
        origin
            + " is not a tokenizer: expected a tokenizer.json, a SentencePiece model, a vocab.txt"
            + " of WordPiece or a llama2.c tokenizer, found a file that starts with "
            + HexFormat.ofDelimiter(" ").formatHex(content, 0, Math.min(8, content.length))
            + "; name the tokenizer file of the model");
  }

  /// Builds the tokenizer that a GGUF file carries.
  ///
  /// Of type `gpt2`, text is cut into words as `tokenizer.ggml.pre` says, by any of the names of
  /// llama.cpp.
  ///
  /// @throws LengthwiseException when the vocabulary is damaged or of an unknown type; of an
  ///     unknown `tokenizer.ggml.pre` the message lists the known ones
  public static Tokenizer fromGguf(GgufVocabulary vocabulary) {
    return GgufTokenizers.open(vocabulary);
  }

  /// The vocabulary of a GGUF file, with what llama.cpp assumes where it leaves out a key.
  ///
  /// @throws LengthwiseException when it has none, or one that is damaged
  public static GgufVocabulary vocabulary(GgufFile file) {
    GgufFile.Vocabulary found = file.vocabulary();
    String pre = found.pre().orElse("");
    int size = withoutPadding(found.tokens());
    GgufDefaults defaults = GgufDefaults.of(found.model(), pre, size);
    return new GgufVocabulary(
        found.model(),
        pre,
        found.tokens().subList(0, size).toArray(String[]::new),
        Arrays.copyOf(found.scores(), Math.min(size, found.scores().length)),
        Arrays.copyOf(found.types(), Math.min(size, found.types().length)),
        found.merges().toArray(String[]::new),
        defaults.marks(found.beginId(), found.endId(), found.addBegin(), found.addEnd()),
        new GgufVocabulary.Spaces(
            found.addSpacePrefix().orElse(defaults.spacePrefix()),
            found.removeExtraSpaces().orElse(false),
            found.replacements()),
        new GgufVocabulary.Source(file.path().toString(), file::sha256));
  }

  // Converters fill the rows of an embedding that have no token up with names of this form.
  private static int withoutPadding(List<String> tokens) {
    int size = tokens.size();
    while (size > 0 && tokens.get(size - 1).equals("[PAD" + (size - 1) + "]")) {
      size--;
    }
    return size;
  }

  /// The tokenizer in `file` as a GGUF file carries it, for a model with `rows` rows in its
  /// embedding; missing tokens are filled up with unused ones.
  ///
  /// @throws LengthwiseException when GGUF cannot express it, or as [#open]
  public static GgufVocabulary toGguf(Path file, int rows) {
    return switch (open(file)) {
      case SentencePieceTokenizer pieces -> GgufPieces.of(pieces, rows);
      case Tokenizer json ->
          new GgufJson(TokenizerJson.parse(Sources.read(file), file.toString()), json)
              .vocabulary(rows);
    };
  }

  private static boolean startsJson(byte[] content) {
    int at = 0;
    while (at < content.length && (content[at] == ' ' || (content[at] >= 9 && content[at] <= 13))) {
      at++;
    }
    return at < content.length && content[at] == '{';
  }

  private static Tokenizer openJson(byte[] content, Path file) {
    TokenizerJson json = TokenizerJson.parse(content, file.toString());
    var bytes = json.bytes(content.length);
    TextRoles roles = TextRoles.find(json.root(), json.ids(), file);
    String sha256 = Sha256.of(content);
    Vocabulary vocabulary =
        new Vocabulary(
            bytes,
            json.controls(),
            roles.marks(),
            new Vocabulary.Spaces(
                json.addsLeadingSpace(), roles.cleansSpaces() && !json.mergesPairs()),
            file.getFileName().toString(),
            () -> sha256);
    return new JsonTokenizer(vocabulary, NativeTokenizer.of(json.forLibrary(), file.toString()));
  }
}

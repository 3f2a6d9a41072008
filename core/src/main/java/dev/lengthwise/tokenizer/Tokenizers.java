package dev.lengthwise.tokenizer;

import java.nio.file.Path;

/// Opens tokenizers: the place to start.
public final class Tokenizers {

  private Tokenizers() {}

  /// Opens the tokenizer in `file`, whatever its name: the content decides.
  ///
  /// A Hugging Face `tokenizer.json` takes the begin and the end of text from
  /// `tokenizer_config.json` and `special_tokens_map.json` beside it, from its post-processor, or
  /// from well-known names, in that order.
  ///
  /// @throws dev.lengthwise.LengthwiseException when the file is missing, damaged or of another
  ///     kind
  public static Tokenizer open(Path file) {
    byte[] content = Sources.read(file);
    return openJson(content, file);
  }

  private static Tokenizer openJson(byte[] content, Path file) {
    TokenizerJson json = TokenizerJson.parse(content, file.toString());
    var bytes = json.bytes(content.length);
    TextRoles roles = TextRoles.find(json.root(), json.ids(), file);
    Vocabulary vocabulary =
        new Vocabulary(
            bytes,
            roles.begin(),
            roles.end(),
            roles.addsBegin(),
            json.addsLeadingSpace(),
            file.getFileName().toString(),
            Sources.sha256(content));
    return new JsonTokenizer(vocabulary, NativeTokenizer.of(json.forLibrary(), file.toString()));
  }
}

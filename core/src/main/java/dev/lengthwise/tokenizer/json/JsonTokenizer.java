package dev.lengthwise.tokenizer.json;

import dev.lengthwise.tokenizer.TextPieces;
import dev.lengthwise.tokenizer.Vocabulary;
import dev.lengthwise.tokenizer.VocabularyTokenizer;

/// A tokenizer that Hugging Face's native library runs from a `tokenizer.json`.
public final class JsonTokenizer extends VocabularyTokenizer {

  private final NativeTokenizer library;

  /// A tokenizer that `library` runs and closes.
  public JsonTokenizer(Vocabulary vocabulary, NativeTokenizer library) {
    super(vocabulary);
    this.library = library;
  }

  @Override
  public int[] encode(String text) {
    return library.encode(text);
  }

  @Override
  public TextPieces pieces(String text) {
    return library.pieces(text);
  }
}

package dev.lengthwise.tokenizer;

/// A tokenizer that Hugging Face's native library runs from a `tokenizer.json`.
final class JsonTokenizer extends VocabularyTokenizer {

  private final NativeTokenizer library;

  JsonTokenizer(Vocabulary vocabulary, NativeTokenizer library) {
    super(vocabulary);
    this.library = library;
  }

  @Override
  public int[] encode(String text) {
    return library.encode(text);
  }
}

package dev.lengthwise.tokenizer;

import dev.lengthwise.LengthwiseException;
import java.util.Map;
import java.util.OptionalInt;

/// What every tokenizer of this package shares: all of it but the way text is cut into pieces.
public abstract class VocabularyTokenizer implements Tokenizer {

  private final Vocabulary vocabulary;

  /// A tokenizer of this vocabulary.
  public VocabularyTokenizer(Vocabulary vocabulary) {
    this.vocabulary = vocabulary;
  }

  @Override
  public final int vocabularySize() {
    return vocabulary.bytes().size();
  }

  @Override
  public final byte[] bytes(int id) {
    if (id < 0 || id >= vocabularySize()) {
      throw new LengthwiseException(
          "token id "
              + id
              + " is outside the vocabulary of "
              + name()
              + ": expected 0 to "
              + (vocabularySize() - 1)
              + "; use the tokenizer that the ids were made with");
    }
    return vocabulary.bytes().get(id).clone();
  }

  @Override
  public final Map<String, Integer> controlTokens() {
    return vocabulary.controls();
  }

  @Override
  public final OptionalInt beginOfText() {
    return vocabulary.marks().begin();
  }

  @Override
  public final OptionalInt endOfText() {
    return vocabulary.marks().end();
  }

  @Override
  public final boolean addsBeginOfText() {
    return vocabulary.marks().addsBegin();
  }

  @Override
  public final boolean addsEndOfText() {
    return vocabulary.marks().addsEnd();
  }

  @Override
  public final boolean addsLeadingSpace() {
    return vocabulary.spaces().addsLeading();
  }

  @Override
  public final boolean cleansSpaces() {
    return vocabulary.spaces().cleaned();
  }

  @Override
  public final String sha256() {
    return vocabulary.sha256().get();
  }

  @Override
  public final String name() {
    return vocabulary.name();
  }

  @Override
  public final String toString() {
    return name() + " (" + vocabularySize() + " tokens)";
  }
}

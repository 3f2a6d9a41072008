package dev.lengthwise.tokenizer;

import dev.lengthwise.LengthwiseException;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/// What stands for the tokenizer of a model that has none: the text of a token is its id, in
/// decimal and with a blank behind it, and texts are such ids.
///
/// @param vocabularySize number of ids
public record IdTokenizer(int vocabularySize) implements Tokenizer {

  @Override
  public int[] encode(String text) {
    throw new LengthwiseException(
        "The model has no tokenizer, so that it reads no text; copy its tokenizer.json beside the"
            + " weights.");
  }

  @Override
  public byte[] bytes(int id) {
    return (id + " ").getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public OptionalInt beginOfText() {
    return OptionalInt.empty();
  }

  @Override
  public OptionalInt endOfText() {
    return OptionalInt.empty();
  }

  @Override
  public boolean addsBeginOfText() {
    return false;
  }

  @Override
  public String sha256() {
    throw new IllegalStateException("there is no file of a tokenizer");
  }

  @Override
  public String name() {
    return "ids";
  }
}

package dev.lengthwise.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/// A vocabulary of given tokens, into which no text is cut; one more id is the end of text.
///
/// @param tokens their bytes
/// @param controlTokens ids by name
public record ListTokenizer(List<byte[]> tokens, Map<String, Integer> controlTokens)
    implements Tokenizer {

  /// A vocabulary of texts, without control tokens.
  public static ListTokenizer of(String... texts) {
    return of(Arrays.stream(texts).map(text -> text.getBytes(StandardCharsets.UTF_8)).toList());
  }

  /// A vocabulary without control tokens.
  public static ListTokenizer of(List<byte[]> tokens) {
    return new ListTokenizer(tokens, Map.of());
  }

  /// The end of text.
  public int end() {
    return tokens.size();
  }

  @Override
  public int vocabularySize() {
    return tokens.size() + 1;
  }

  @Override
  public int[] encode(String text) {
    throw new UnsupportedOperationException();
  }

  @Override
  public byte[] bytes(int id) {
    return id < tokens.size() ? tokens.get(id) : new byte[0];
  }

  @Override
  public OptionalInt beginOfText() {
    return OptionalInt.empty();
  }

  @Override
  public OptionalInt endOfText() {
    return OptionalInt.of(end());
  }

  @Override
  public boolean addsBeginOfText() {
    return false;
  }

  @Override
  public String sha256() {
    return "";
  }

  @Override
  public String name() {
    return "words";
  }
}

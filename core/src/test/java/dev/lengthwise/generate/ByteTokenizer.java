package dev.lengthwise.generate;

import dev.lengthwise.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.OptionalInt;

/// One token for each byte of UTF-8, and id 256 for the end of a text.
public class ByteTokenizer implements Tokenizer {

  /// The id that ends a text.
  public static final int END = 256;

  @Override
  public int vocabularySize() {
    return END + 1;
  }

  @Override
  public int[] encode(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    int[] ids = new int[utf8.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = utf8[i] & 0xFF;
    }
    return ids;
  }

  @Override
  public byte[] bytes(int id) {
    return id == END ? new byte[0] : new byte[] {(byte) id};
  }

  @Override
  public Map<String, Integer> controlTokens() {
    return Map.of("<end>", END);
  }

  @Override
  public OptionalInt beginOfText() {
    return OptionalInt.empty();
  }

  @Override
  public OptionalInt endOfText() {
    return OptionalInt.of(END);
  }

  @Override
  public boolean addsBeginOfText() {
    return false;
  }

  @Override
  public String sha256() {
    return "none";
  }

  @Override
  public String name() {
    return "bytes";
  }
}

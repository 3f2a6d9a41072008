package dev.lengthwise.tokenizer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// Reads the header of the vocabulary files that the tests use; trusts the file.
final class VocabularyGguf {

  private final ByteBuffer in;
  private final Map<String, Object> header = new HashMap<>();

  private VocabularyGguf(byte[] content) {
    in = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    in.position(16);
    long entries = in.getLong();
    for (long i = 0; i < entries; i++) {
      String key = string();
      header.put(key, value(in.getInt()));
    }
  }

  static GgufVocabulary read(Path file) throws IOException {
    byte[] content = Files.readAllBytes(file);
    VocabularyGguf gguf = new VocabularyGguf(content);
    return new GgufVocabulary(
        (String) gguf.get("model", ""),
        (String) gguf.get("pre", ""),
        gguf.strings("tokens"),
        gguf.scores(),
        gguf.types(),
        gguf.strings("merges"),
        (Integer) gguf.get("bos_token_id", -1),
        (Integer) gguf.get("eos_token_id", -1),
        (Boolean) gguf.get("add_bos_token", false),
        gguf.get("model", "").equals("llama"),
        Sources.sha256(content));
  }

  private Object get(String key, Object otherwise) {
    return header.getOrDefault("tokenizer.ggml." + key, otherwise);
  }

  private String[] strings(String key) {
    Object[] values = (Object[]) get(key, new Object[0]);
    return Arrays.copyOf(values, values.length, String[].class);
  }

  private float[] scores() {
    Object[] values = (Object[]) get("scores", new Object[0]);
    float[] scores = new float[values.length];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = (Float) values[i];
    }
    return scores;
  }

  private int[] types() {
    Object[] values = (Object[]) get("token_type", new Object[0]);
    return Arrays.stream(values).mapToInt(value -> (Integer) value).toArray();
  }

  private String string() {
    byte[] utf8 = new byte[Math.toIntExact(in.getLong())];
    in.get(utf8);
    return new String(utf8, StandardCharsets.UTF_8);
  }

  private Object value(int type) {
    return switch (type) {
      case 4, 5 -> in.getInt();
      case 6 -> in.getFloat();
      case 7 -> in.get() != 0;
      case 8 -> string();
      case 9 -> {
        int elementType = in.getInt();
        Object[] values = new Object[Math.toIntExact(in.getLong())];
        for (int i = 0; i < values.length; i++) {
          values[i] = value(elementType);
        }
        yield values;
      }
      default -> throw new AssertionError("unexpected type " + type);
    };
  }
}

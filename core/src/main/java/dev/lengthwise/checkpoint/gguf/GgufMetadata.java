package dev.lengthwise.checkpoint.gguf;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The key-values of a GGUF file in the making, in the order in which keys were first put.
///
/// Values that were read from a file are kept byte for byte. For one thread.
public final class GgufMetadata {

  // Each value with the number of its type in front, as in a file.
  private final Map<String, byte[]> values = new LinkedHashMap<>();
  private final ObjectNode header = JsonNodeFactory.instance.objectNode();

  /// No key-values.
  public GgufMetadata() {}

  /// The keys, in order; unmodifiable.
  public Set<String> keys() {
    return Collections.unmodifiableSet(values.keySet());
  }

  /// The texts, numbers and truth values that were put, as they were given: not rounded to 32 bits.
  public ObjectNode header() {
    return header.deepCopy();
  }

  /// Takes over a value of a file, with its type in front.
  GgufMetadata putStored(String key, MemorySegment value) {
    values.put(key, value.toArray(ValueLayout.JAVA_BYTE));
    return this;
  }

  /// Puts a text.
  public GgufMetadata putText(String key, String text) {
    header.put(key, text);
    return put(key, GgufType.STRING, new GgufBytes().text(text));
  }

  /// Puts an unsigned 32-bit number; `IllegalArgumentException` for any other.
  public GgufMetadata putWhole(String key, long number) {
    if (number < 0 || number > 0xffff_ffffL) {
      throw new IllegalArgumentException(key + " must fit 32 bits, found " + number);
    }
    header.put(key, number);
    return put(key, GgufType.U32, new GgufBytes().i32((int) number));
  }

  /// Puts a 32-bit float.
  public GgufMetadata putFloat(String key, double number) {
    header.put(key, number);
    return put(key, GgufType.F32, new GgufBytes().f32((float) number));
  }

  /// Puts a truth value.
  public GgufMetadata putFlag(String key, boolean flag) {
    header.put(key, flag);
    return put(key, GgufType.BOOL, new GgufBytes().raw((byte) (flag ? 1 : 0)));
  }

  /// Puts an array of texts.
  public GgufMetadata putTexts(String key, List<String> texts) {
    GgufBytes elements = new GgufBytes();
    texts.forEach(elements::text);
    return putArray(key, GgufType.STRING, texts.size(), elements);
  }

  /// Puts an array of 32-bit floats.
  public GgufMetadata putFloats(String key, float[] numbers) {
    GgufBytes elements = new GgufBytes();
    for (float number : numbers) {
      elements.f32(number);
    }
    return putArray(key, GgufType.F32, numbers.length, elements);
  }

  /// Puts an array of signed 32-bit numbers.
  public GgufMetadata putWholes(String key, int[] numbers) {
    GgufBytes elements = new GgufBytes();
    for (int number : numbers) {
      elements.i32(number);
    }
    return putArray(key, GgufType.I32, numbers.length, elements);
  }

  /// Puts an array of unsigned bytes.
  public GgufMetadata putOctets(String key, byte[] octets) {
    return putArray(key, GgufType.U8, octets.length, new GgufBytes().raw(octets));
  }

  /// Takes a key away, if it is there.
  public GgufMetadata remove(String key) {
    values.remove(key);
    header.remove(key);
    return this;
  }

  private GgufMetadata putArray(String key, GgufType type, int count, GgufBytes elements) {
    GgufBytes array = new GgufBytes().i32(type.number()).i64(count).raw(elements.bytes());
    return put(key, GgufType.ARRAY, array);
  }

  private GgufMetadata put(String key, GgufType type, GgufBytes value) {
    values.put(key, new GgufBytes().i32(type.number()).raw(value.bytes()).bytes());
    return this;
  }

  /// All key-values as they lie in a file.
  byte[] bytes() {
    GgufBytes bytes = new GgufBytes();
    values.forEach((key, value) -> bytes.text(key).raw(value));
    return bytes.bytes();
  }
}

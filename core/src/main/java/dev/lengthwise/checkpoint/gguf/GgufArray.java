package dev.lengthwise.checkpoint.gguf;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lengthwise.LengthwiseException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A metadata array that stays in the file until it is asked for.
///
/// @param file where it is from
/// @param key its key
/// @param type type of its elements
/// @param count number of elements, checked against the file
/// @param bytes its elements
record GgufArray(Path file, String key, GgufType type, int count, MemorySegment bytes) {

  /// Its texts.
  List<String> strings() {
    require(type == GgufType.STRING, "texts");
    List<String> texts = new ArrayList<>(count);
    GgufReader reader = new GgufReader(file, bytes);
    for (int i = 0; i < count; i++) {
      texts.add(type.json(reader).textValue());
    }
    return List.copyOf(texts);
  }

  /// Its bytes as they lie in the file.
  byte[] octets() {
    require(type == GgufType.U8 || type == GgufType.I8, "bytes");
    return bytes.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
  }

  /// Its numbers as floats.
  float[] floats() {
    require(type == GgufType.F32 || type == GgufType.F64, "floats");
    float[] floats = new float[count];
    GgufReader reader = new GgufReader(file, bytes);
    for (int i = 0; i < count; i++) {
      floats[i] = type == GgufType.F32 ? reader.f32() : (float) reader.f64();
    }
    return floats;
  }

  /// Its whole numbers, each of which must fit an `int`.
  int[] ints() {
    require(type != GgufType.STRING && type != GgufType.ARRAY, "32-bit whole numbers");
    int[] ints = new int[count];
    GgufReader reader = new GgufReader(file, bytes);
    for (int i = 0; i < count; i++) {
      JsonNode node = type.json(reader);
      require(node.isIntegralNumber() && node.canConvertToInt(), "32-bit whole numbers");
      ints[i] = node.intValue();
    }
    return ints;
  }

  private void require(boolean holds, String expected) {
    if (!holds) {
      throw new LengthwiseException(
          "GGUF key \""
              + key
              + "\" of "
              + file
              + " must hold "
              + expected
              + ", found an array of "
              + type
              + ".");
    }
  }
}

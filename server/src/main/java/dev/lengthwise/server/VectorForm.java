package dev.lengthwise.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.lengthwise.encode.VectorStep;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Base64;
import java.util.OptionalInt;

/// How a vector is written.
///
/// @param base64 whether its floats are bytes, little end first, in Base64
/// @param dimensions how many of its first numbers are kept and divided by their length, as OpenAI
///     does; empty: all, as they are. Only models that were trained for it (Matryoshka) keep their
///     sense under that
record VectorForm(boolean base64, OptionalInt dimensions) {

  JsonNode write(float[] vector) {
    float[] kept = dimensions.isPresent() ? shortened(vector, dimensions.getAsInt()) : vector;
    if (base64) {
      ByteBuffer bytes =
          ByteBuffer.allocate(kept.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(kept);
      return TextNode.valueOf(Base64.getEncoder().encodeToString(bytes.array()));
    }
    ArrayNode numbers = Json.array();
    for (float number : kept) {
      numbers.add(number);
    }
    return numbers;
  }

  private static float[] shortened(float[] vector, int size) {
    return new VectorStep.Normalize().apply(Arrays.copyOf(vector, size));
  }
}

package dev.lengthwise.checkpoint.safetensors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.checkpoint.LittleEndian;
import dev.lengthwise.checkpoint.TensorEntry;
import dev.lengthwise.io.JsonObjects;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The checked content of one `.safetensors` file: 8 bytes header length, JSON header, data without
/// gaps.
///
/// @param tensors every tensor by name, in the order of the header
record SafetensorsLayout(Map<String, TensorEntry> tensors) {

  static final int LENGTH_BYTES = Long.BYTES;
  static final String METADATA = "__metadata__";

  /// The types that the format defines.
  static final Set<DataType> TYPES =
      Set.copyOf(
          Arrays.stream(DataType.values())
              .filter(type -> type.compareTo(DataType.Q8_0) < 0)
              .toList());

  private static final int MAXIMUM_RANK = 64;

  private record Range(String name, long begin, long end) {}

  /// Reads and checks the content of `bytes`, the whole of `file`.
  static SafetensorsLayout parse(Path file, MemorySegment bytes) {
    long headerLength = headerLength(file, bytes);
    byte[] text = bytes.asSlice(LENGTH_BYTES, headerLength).toArray(ValueLayout.JAVA_BYTE);
    ObjectNode header = JsonObjects.parse(JsonObjects.STRICT, file, "safetensors header", text);
    MemorySegment data = bytes.asSlice(LENGTH_BYTES + headerLength);
    Map<String, TensorEntry> tensors = new LinkedHashMap<>();
    List<Range> ranges = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field : header.properties()) {
      if (field.getKey().equals(METADATA)) {
        checkMetadata(file, field.getValue());
      } else {
        Range range = range(file, field.getKey(), field.getValue(), data.byteSize());
        ranges.add(range);
        tensors.put(range.name(), entry(file, range, field.getValue(), data));
      }
    }
    requireGapless(file, ranges, data.byteSize());
    return new SafetensorsLayout(tensors);
  }

  private static long headerLength(Path file, MemorySegment bytes) {
    if (bytes.byteSize() < LENGTH_BYTES) {
      throw bad(file, "it has " + bytes.byteSize() + " bytes; expected at least 8");
    }
    long length = bytes.get(LittleEndian.I64, 0);
    long limit = Math.min(JsonObjects.MAXIMUM_BYTES, bytes.byteSize() - LENGTH_BYTES);
    if (length < 0 || length > limit) {
      throw bad(
          file,
          "its header claims "
              + Long.toUnsignedString(length)
              + " bytes; expected at most "
              + limit);
    }
    return length;
  }

  private static void checkMetadata(Path file, JsonNode node) {
    if (!node.isObject()) {
      throw bad(file, METADATA + " must be an object, found " + JsonObjects.kind(node));
    }
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (!field.getValue().isTextual()) {
        throw bad(file, METADATA + " entry \"" + field.getKey() + "\" must be a text");
      }
    }
  }

  private static Range range(Path file, String name, JsonNode node, long available) {
    long[] offsets = longs(file, name, node, "data_offsets");
    if (offsets.length != 2 || offsets[0] > offsets[1] || offsets[1] > available) {
      throw bad(
          file,
          tensor(name)
              + " has data_offsets "
              + Arrays.toString(offsets)
              + "; expected [begin, end] with begin <= end <= "
              + available);
    }
    return new Range(name, offsets[0], offsets[1]);
  }

  private static TensorEntry entry(Path file, Range range, JsonNode node, MemorySegment data) {
    DataType type = type(file, range.name(), node);
    long[] shape = longs(file, range.name(), node, "shape");
    long stored = range.end() - range.begin();
    if (shape.length > MAXIMUM_RANK || !needsExactly(stored, type, shape)) {
      throw bad(
          file,
          tensor(range.name())
              + " has "
              + stored
              + " bytes, which does not fit "
              + type
              + " of shape "
              + (shape.length > MAXIMUM_RANK ? "rank " + shape.length : Arrays.toString(shape)));
    }
    return new TensorEntry(
        range.name(), type, shape, data.asSlice(range.begin(), stored), file.toString());
  }

  private static boolean needsExactly(long stored, DataType type, long[] shape) {
    try {
      long elements = TensorEntry.elementsOf(shape);
      return elements % type.blockSize() == 0 && type.bytesFor(elements) == stored;
    } catch (ArithmeticException _) {
      return false;
    }
  }

  private static DataType type(Path file, String name, JsonNode node) {
    String found = node.path("dtype").asText();
    return TYPES.stream()
        .filter(type -> type.name().equals(found))
        .findFirst()
        .orElseThrow(
            () ->
                bad(
                    file,
                    tensor(name)
                        + " has dtype \""
                        + found
                        + "\"; expected one of "
                        + TYPES.stream().sorted().toList()));
  }

  private static long[] longs(Path file, String name, JsonNode node, String key) {
    JsonNode list = node.path(key);
    long[] values = new long[list.size()];
    boolean valid = list.isArray();
    for (int i = 0; i < values.length && valid; i++) {
      JsonNode value = list.get(i);
      valid = value.isIntegralNumber() && value.canConvertToLong() && value.longValue() >= 0;
      values[i] = value.longValue();
    }
    if (!valid) {
      throw bad(file, tensor(name) + " needs \"" + key + "\", a list of non-negative integers");
    }
    return values;
  }

  private static void requireGapless(Path file, List<Range> ranges, long available) {
    ranges.sort(Comparator.comparingLong(Range::begin).thenComparingLong(Range::end));
    long end = 0;
    String previous = "the header";
    for (Range range : ranges) {
      if (range.begin() != end) {
        String relation = range.begin() < end ? " overlaps " : " leaves a gap after ";
        throw bad(
            file,
            tensor(range.name())
                + relation
                + previous
                + ": it begins at "
                + range.begin()
                + ", expected "
                + end);
      }
      end = range.end();
      previous = tensor(range.name());
    }
    if (end != available) {
      throw bad(file, "its tensors end at byte " + end + " of the data, but it has " + available);
    }
  }

  private static String tensor(String name) {
    return "tensor \"" + name + "\"";
  }

  private static LengthwiseException bad(Path file, String problem) {
    return new LengthwiseException(
        "File "
            + file
            + " is not a valid safetensors file: "
            + problem
            + ". It is damaged or incomplete; fetch or write it again.");
  }
}

package dev.lengthwise.family;

import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.checkpoint.open.Checkpoints;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// A checkpoint taken apart, to be changed and written again: unlike the writers of the product,
/// this one writes whatever it is told.
///
/// @param gguf whether it is a GGUF file; otherwise a folder with safetensors
/// @param header its settings
/// @param tensors in the order of the file
record ModelInPieces(boolean gguf, ObjectNode header, List<Piece> tensors) {

  /// Types that tensors are said to have, with their numbers in ggml.
  static final Map<DataType, Integer> TYPES =
      Map.of(
          DataType.F32, 0,
          DataType.F16, 1,
          DataType.Q4_0, 2,
          DataType.Q8_0, 8,
          DataType.Q4_K, 12,
          DataType.IQ2_XXS, 16,
          DataType.I8, 24,
          DataType.I32, 26,
          DataType.F64, 28,
          DataType.BF16, 30);

  private static final int ALIGNMENT = 32;
  private static final ObjectMapper PYTHON =
      JsonMapper.builder().disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS).build();

  /// One tensor; nothing says that its parts fit together.
  @SuppressWarnings("ArrayRecordComponent") // changed as a whole, and never compared
  record Piece(String name, DataType type, List<Long> shape, byte[] data) {}

  static ModelInPieces of(Path path) {
    try (Checkpoint checkpoint = Checkpoints.open(path)) {
      List<Piece> pieces =
          checkpoint.tensors().values().stream()
              .map(
                  entry ->
                      new Piece(
                          entry.name(),
                          entry.type(),
                          Arrays.stream(entry.shape()).boxed().toList(),
                          entry.data().toArray(ValueLayout.JAVA_BYTE)))
              .toList();
      return new ModelInPieces(checkpoint.format().equals("gguf"), checkpoint.header(), pieces);
    }
  }

  /// A copy that can be changed without this one.
  ModelInPieces copy() {
    return new ModelInPieces(gguf, header.deepCopy(), new ArrayList<>(tensors));
  }

  /// Writes it into `folder`, over what another one wrote there, and says what to open.
  Path write(Path folder) throws IOException {
    if (gguf) {
      return Files.write(folder.resolve("model.gguf"), ggufBytes());
    }
    Files.write(folder.resolve("config.json"), PYTHON.writeValueAsBytes(header));
    Files.write(folder.resolve("model.safetensors"), safetensorsBytes());
    return folder;
  }

  private byte[] safetensorsBytes() {
    List<String> entries = new ArrayList<>();
    long offset = 0;
    for (Piece piece : tensors) {
      entries.add(
          "%s:{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
              .formatted(
                  header.textNode(piece.name),
                  piece.type,
                  piece.shape,
                  offset,
                  offset + piece.data.length));
      offset += piece.data.length;
    }
    byte[] json =
        entries.stream()
            .collect(Collectors.joining(",", "{", "}"))
            .getBytes(StandardCharsets.UTF_8);
    Bytes bytes = new Bytes().i64(json.length).raw(json);
    tensors.forEach(piece -> bytes.raw(piece.data));
    return bytes.all.toByteArray();
  }

  private byte[] ggufBytes() {
    Bytes bytes = new Bytes().i32(0x46554747).i32(3).i64(tensors.size());
    List<Map.Entry<String, JsonNode>> pairs = new ArrayList<>(header.properties());
    pairs.removeIf(pair -> !isWritable(pair.getValue()));
    bytes.i64(pairs.size());
    pairs.forEach(pair -> bytes.text(pair.getKey()).typed(pair.getValue()));
    long offset = 0;
    for (Piece piece : tensors) {
      bytes.text(piece.name).i32(piece.shape.size());
      piece.shape.reversed().forEach(bytes::i64);
      bytes.i32(TYPES.getOrDefault(piece.type, 39)).i64(offset);
      offset = Math.ceilDiv(offset + piece.data.length, (long) ALIGNMENT) * ALIGNMENT;
    }
    for (Piece piece : tensors) {
      bytes.pad().raw(piece.data);
    }
    return bytes.pad().all.toByteArray();
  }

  // The format has no null, no object and no list of unlike elements.
  private static boolean isWritable(JsonNode value) {
    if (!value.isArray()) {
      return !value.isNull() && !value.isObject();
    }
    for (JsonNode element : value) {
      if (!isWritable(element) || Bytes.type(element) != Bytes.type(value.get(0))) {
        return false;
      }
    }
    return true;
  }

  /// Bytes of a GGUF file.
  private record Bytes(ByteArrayOutputStream all) {

    Bytes() {
      this(new ByteArrayOutputStream());
    }

    static int type(JsonNode value) {
      if (value.isIntegralNumber()) {
        return value.canConvertToInt() && value.intValue() >= 0 ? 4 : 11;
      }
      return value.isNumber() ? 12 : value.isBoolean() ? 7 : value.isTextual() ? 8 : 9;
    }

    Bytes typed(JsonNode value) {
      return i32(type(value)).value(value);
    }

    private Bytes value(JsonNode value) {
      switch (type(value)) {
        case 4 -> i32(value.intValue());
        case 11 -> i64(value.longValue());
        case 12 -> i64(Double.doubleToLongBits(value.doubleValue()));
        case 7 -> raw(new byte[] {(byte) (value.booleanValue() ? 1 : 0)});
        case 8 -> text(value.textValue());
        default -> {
          i32(value.isEmpty() ? 4 : type(value.get(0))).i64(value.size());
          value.forEach(this::value);
        }
      }
      return this;
    }

    Bytes text(String text) {
      byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
      return i64(encoded.length).raw(encoded);
    }

    Bytes i32(int value) {
      return raw(ordered(Integer.BYTES).putInt(value).array());
    }

    Bytes i64(long value) {
      return raw(ordered(Long.BYTES).putLong(value).array());
    }

    Bytes pad() {
      return raw(new byte[Math.ceilDiv(all.size(), ALIGNMENT) * ALIGNMENT - all.size()]);
    }

    Bytes raw(byte[] bytes) {
      all.writeBytes(bytes);
      return this;
    }

    private static ByteBuffer ordered(int size) {
      return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
  }
}

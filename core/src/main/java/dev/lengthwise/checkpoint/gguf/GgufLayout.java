package dev.lengthwise.checkpoint.gguf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.checkpoint.TensorEntry;
import dev.lengthwise.io.JsonObjects;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The checked content of a GGUF file: magic, version, counts, key-values, tensor infos, and
/// aligned data.
///
/// @param header every value but the large arrays, by key
/// @param arrays every array, by key
/// @param pairs every value with its type in front as it lies in the file, by key, in its order
/// @param tensors every tensor by name, in the order of the file
public record GgufLayout(
    ObjectNode header,
    Map<String, GgufArray> arrays,
    Map<String, MemorySegment> pairs,
    Map<String, TensorEntry> tensors) {

  /// "GGUF" as a little-endian number.
  public static final int MAGIC = 0x46554747;

  private static final String ALIGNMENT_KEY = "general.alignment";
  private static final int DEFAULT_ALIGNMENT = 32;
  private static final int LARGEST_ALIGNMENT = 1 << 16;
  private static final int LARGEST_JSON_ARRAY = 1024;
  private static final int LONGEST_NAME = 65_535;
  private static final int MAXIMUM_RANK = 4;
  private static final int SMALLEST_PAIR = Long.BYTES + Integer.BYTES + 1;
  private static final int SMALLEST_INFO = 2 * Long.BYTES + 2 * Integer.BYTES;

  private record Info(String name, DataType type, List<Long> shape, long offset, long size) {}

  /// Reads and checks the content of `bytes`, the whole of `file`.
  static GgufLayout parse(Path file, MemorySegment bytes) {
    GgufReader reader = new GgufReader(file, bytes);
    if (reader.i32() != MAGIC) {
      throw reader.bad("it does not begin with \"GGUF\"");
    }
    requireVersion(file, reader.i32());
    long tensorCount = reader.count("tensors", SMALLEST_INFO);
    long pairCount = reader.count("key-values", SMALLEST_PAIR);
    ObjectNode header = JsonObjects.emptyObject();
    Map<String, GgufArray> arrays = new LinkedHashMap<>();
    Map<String, MemorySegment> pairs = new LinkedHashMap<>();
    for (long i = 0; i < pairCount; i++) {
      String key = reader.string(LONGEST_NAME);
      long start = reader.position();
      readValue(reader, bytes, key, header, arrays);
      pairs.put(key, bytes.asSlice(start, reader.position() - start));
    }
    Map<String, Info> infos = new LinkedHashMap<>();
    for (long i = 0; i < tensorCount; i++) {
      Info info = readInfo(reader);
      if (infos.put(info.name(), info) != null) {
        throw reader.bad("tensor \"" + info.name() + "\" occurs twice");
      }
    }
    int alignment = alignment(reader, header);
    long dataStart = Math.ceilDiv(reader.position(), (long) alignment) * alignment;
    return new GgufLayout(
        header, arrays, pairs, entries(reader, bytes, dataStart, alignment, infos));
  }

  private static void requireVersion(Path file, int version) {
    if (version == 2 || version == 3) {
      return;
    }
    int swapped = Integer.reverseBytes(version);
    String found =
        swapped >= 1 && swapped <= 3
            ? "big-endian version " + swapped
            : "version " + Integer.toUnsignedString(version);
    throw new LengthwiseException(
        "File "
            + file
            + " is GGUF "
            + found
            + "; expected little-endian version 2 or 3. Convert it with a current llama.cpp.");
  }

  private static void readValue(
      GgufReader reader,
      MemorySegment bytes,
      String key,
      ObjectNode header,
      Map<String, GgufArray> arrays) {
    GgufType type = GgufType.read(reader);
    if (header.has(key) || arrays.containsKey(key)) {
      throw reader.bad("key \"" + key + "\" occurs twice");
    }
    long start = reader.position();
    long values = type.skip(reader);
    if (type == GgufType.ARRAY) {
      arrays.put(key, array(reader, key, bytes.asSlice(start, reader.position() - start)));
    }
    if (values <= LARGEST_JSON_ARRAY) {
      reader.rewindTo(start);
      header.set(key, type.json(reader));
    }
  }

  private static GgufArray array(GgufReader reader, String key, MemorySegment bytes) {
    GgufReader inner = new GgufReader(reader.file(), bytes);
    GgufType type = GgufType.read(inner);
    long count = inner.count("array elements", type.smallest());
    if (count > Integer.MAX_VALUE - 8) {
      throw reader.bad("key \"" + key + "\" has " + count + " elements");
    }
    return new GgufArray(reader.file(), key, type, (int) count, bytes.asSlice(inner.position()));
  }

  private static Info readInfo(GgufReader reader) {
    String name = reader.string(LONGEST_NAME);
    int rank = reader.i32();
    if (rank < 0 || rank > MAXIMUM_RANK) {
      throw reader.bad(
          "tensor \""
              + name
              + "\" has "
              + Integer.toUnsignedString(rank)
              + " dimensions, expected at most "
              + MAXIMUM_RANK);
    }
    long[] shape = new long[rank];
    for (int i = rank - 1; i >= 0; i--) {
      shape[i] = reader.i64();
    }
    int number = reader.i32();
    DataType type =
        GgmlTypes.of(number)
            .orElseThrow(
                () ->
                    reader.bad(
                        "tensor \""
                            + name
                            + "\" has the unknown type number "
                            + Integer.toUnsignedString(number)));
    long size = size(reader, name, type, shape);
    return new Info(name, type, Arrays.stream(shape).boxed().toList(), reader.i64(), size);
  }

  private static long size(GgufReader reader, String name, DataType type, long[] shape) {
    boolean wholeRows =
        shape.length == 0 ? type.blockSize() == 1 : shape[shape.length - 1] % type.blockSize() == 0;
    try {
      if (wholeRows && Arrays.stream(shape).allMatch(size -> size >= 0)) {
        return type.bytesFor(TensorEntry.elementsOf(shape));
      }
    } catch (ArithmeticException _) {
      // Reported below together with shapes that are impossible for other reasons.
    }
    throw reader.bad(
        "tensor \"" + name + "\" cannot be " + type + " of shape " + Arrays.toString(shape));
  }

  private static int alignment(GgufReader reader, ObjectNode header) {
    JsonNode node = header.path(ALIGNMENT_KEY);
    if (node.isMissingNode()) {
      return DEFAULT_ALIGNMENT;
    }
    int alignment = node.isIntegralNumber() && node.canConvertToInt() ? node.intValue() : 0;
    if (alignment <= 0 || alignment > LARGEST_ALIGNMENT || Integer.bitCount(alignment) != 1) {
      throw reader.bad(
          ALIGNMENT_KEY + " is " + node + ", expected a power of two up to " + LARGEST_ALIGNMENT);
    }
    return alignment;
  }

  private static Map<String, TensorEntry> entries(
      GgufReader reader,
      MemorySegment bytes,
      long dataStart,
      int alignment,
      Map<String, Info> infos) {
    long available = Math.max(bytes.byteSize() - dataStart, 0);
    Map<String, TensorEntry> entries = new LinkedHashMap<>();
    for (Info info : infos.values()) {
      boolean inside = info.offset() >= 0 && info.size() <= available - info.offset();
      if (!inside || info.offset() % alignment != 0) {
        throw reader.bad(
            "tensor \""
                + info.name()
                + "\" needs "
                + info.size()
                + " bytes at offset "
                + Long.toUnsignedString(info.offset())
                + " of "
                + available
                + " bytes of data, aligned to "
                + alignment);
      }
      long[] shape = info.shape().stream().mapToLong(Long::longValue).toArray();
      MemorySegment data =
          info.size() == 0
              ? MemorySegment.ofArray(new byte[0])
              : bytes.asSlice(dataStart + info.offset(), info.size());
      entries.put(
          info.name(),
          new TensorEntry(info.name(), info.type(), shape, data, reader.file().toString()));
    }
    requireNoOverlap(reader, new ArrayList<>(infos.values()));
    return entries;
  }

  private static void requireNoOverlap(GgufReader reader, List<Info> infos) {
    infos.sort(Comparator.comparingLong(Info::offset).thenComparingLong(Info::size));
    for (int i = 1; i < infos.size(); i++) {
      Info previous = infos.get(i - 1);
      Info next = infos.get(i);
      if (previous.offset() + previous.size() > next.offset()) {
        throw reader.bad("tensors \"" + previous.name() + "\" and \"" + next.name() + "\" overlap");
      }
    }
  }
}

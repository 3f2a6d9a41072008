package dev.lengthwise.checkpoint.llama2c;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.LittleEndian;
import dev.lengthwise.io.JsonObjects;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/// The header of a llama2.c file.
///
/// @param version 0 (legacy, f32), 1 (f32) or 2 (int8 groups)
/// @param groupSize elements that share a scale; 1 where nothing is quantised
record Llama2cHeader(
    int version,
    int dim,
    int hiddenDim,
    int layers,
    int heads,
    int keyValueHeads,
    int vocabularySize,
    int maximumLength,
    boolean sharedClassifier,
    int groupSize) {

  /// "ak42" as the number that the versions with a magic begin with.
  static final int MAGIC = 0x616b3432;

  private static final int LEGACY_BYTES = 7 * Integer.BYTES;
  private static final int HEADER_BYTES = 256;
  private static final int NUMBERS_AT = 2 * Integer.BYTES;
  private static final int SHARED_AT = NUMBERS_AT + LEGACY_BYTES;

  /// Upper ends of what is plausible; they also keep every size computed below a `long`.
  private static final int MAXIMUM_WIDTH = 1 << 20;

  private static final int MAXIMUM_LAYERS = 1 << 12;
  private static final int MAXIMUM_TOKENS = 1 << 24;

  /// Reads the header and checks that every number is plausible.
  static Llama2cHeader parse(Path file, MemorySegment bytes) {
    boolean legacy = bytes.byteSize() < Integer.BYTES || bytes.get(LittleEndian.I32, 0) != MAGIC;
    int length = legacy ? LEGACY_BYTES : HEADER_BYTES;
    if (bytes.byteSize() < length) {
      throw bad(file, "it has " + bytes.byteSize() + " bytes, expected at least " + length);
    }
    Llama2cHeader header = legacy ? legacy(bytes) : versioned(file, bytes);
    String problem = header.problem();
    if (!problem.isEmpty()) {
      throw bad(file, problem);
    }
    return header;
  }

  private static Llama2cHeader legacy(MemorySegment bytes) {
    int vocabulary = bytes.getAtIndex(LittleEndian.I32, 5);
    return numbers(bytes, 0, Math.abs(vocabulary), vocabulary > 0, 1);
  }

  private static Llama2cHeader versioned(Path file, MemorySegment bytes) {
    int version = bytes.getAtIndex(LittleEndian.I32, 1);
    if (version != 1 && version != 2) {
      throw new LengthwiseException(
          "File " + file + " is llama2.c version " + version + "; expected 0, 1 or 2.");
    }
    byte shared = bytes.get(ValueLayout.JAVA_BYTE, SHARED_AT);
    if (shared != 0 && shared != 1) {
      throw bad(file, "its shared-classifier flag is " + shared + ", expected 0 or 1");
    }
    int groupSize = version == 2 ? bytes.get(LittleEndian.I32, SHARED_AT + 1) : 1;
    MemorySegment numbers = bytes.asSlice(NUMBERS_AT, LEGACY_BYTES);
    int vocabulary = numbers.getAtIndex(LittleEndian.I32, 5);
    return numbers(numbers, version, vocabulary, shared == 1, groupSize);
  }

  private static Llama2cHeader numbers(
      MemorySegment bytes, int version, int vocabulary, boolean shared, int groupSize) {
    return new Llama2cHeader(
        version,
        bytes.getAtIndex(LittleEndian.I32, 0),
        bytes.getAtIndex(LittleEndian.I32, 1),
        bytes.getAtIndex(LittleEndian.I32, 2),
        bytes.getAtIndex(LittleEndian.I32, 3),
        bytes.getAtIndex(LittleEndian.I32, 4),
        vocabulary,
        bytes.getAtIndex(LittleEndian.I32, 6),
        shared,
        groupSize);
  }

  /// What is impossible about the numbers; empty when nothing is.
  private String problem() {
    boolean inRange =
        within(dim, MAXIMUM_WIDTH)
            && within(hiddenDim, MAXIMUM_WIDTH)
            && within(layers, MAXIMUM_LAYERS)
            && within(heads, dim)
            && within(keyValueHeads, heads)
            && within(vocabularySize, MAXIMUM_TOKENS)
            && within(maximumLength, MAXIMUM_TOKENS);
    if (!inRange) {
      return "the numbers of its header are not those of a model: " + this;
    }
    if (dim % (2 * heads) != 0 || heads % keyValueHeads != 0) {
      return "its heads do not divide its width evenly: " + this;
    }
    if (groupSize <= 0 || !groupsFit()) {
      return "its weights are not whole groups of " + groupSize + ": " + this;
    }
    return "";
  }

  private static boolean within(int value, int most) {
    return value >= 1 && value <= most;
  }

  private boolean groupsFit() {
    return (long) vocabularySize * dim % groupSize == 0
        && (long) dim * dim % groupSize == 0
        && (long) keyValueDim() * dim % groupSize == 0
        && (long) hiddenDim * dim % groupSize == 0;
  }

  /// Bytes before the first weight.
  int headerBytes() {
    return version == 0 ? LEGACY_BYTES : HEADER_BYTES;
  }

  /// Rows of the key and value projections.
  int keyValueDim() {
    return dim / heads * keyValueHeads;
  }

  /// Elements of the cosine and sine tables that legacy files hold.
  long tableElements() {
    return (long) maximumLength * (dim / heads);
  }

  /// Bytes of a weight matrix with this many elements.
  long matrixBytes(long elements) {
    return version == 2 ? elements + elements / groupSize * Float.BYTES : elements * Float.BYTES;
  }

  /// Size of the whole file.
  long fileBytes() {
    long norms = (2L * layers + 1) * dim * Float.BYTES;
    long attention =
        2 * matrixBytes((long) dim * dim) + 2 * matrixBytes((long) keyValueDim() * dim);
    long feedForward = 3 * matrixBytes((long) hiddenDim * dim);
    long embeddings = (sharedClassifier ? 1 : 2) * matrixBytes((long) vocabularySize * dim);
    long tables = version == 0 ? tableElements() * Float.BYTES : 0;
    return headerBytes() + norms + layers * (attention + feedForward) + embeddings + tables;
  }

  /// The fields as JSON.
  ObjectNode json() {
    ObjectNode json =
        JsonObjects.emptyObject()
            .put("architecture", "llama2.c")
            .put("version", version)
            .put("dim", dim)
            .put("hidden_dim", hiddenDim)
            .put("n_layers", layers)
            .put("n_heads", heads)
            .put("n_kv_heads", keyValueHeads)
            .put("vocab_size", vocabularySize)
            .put("max_seq_len", maximumLength)
            .put("shared_classifier", sharedClassifier);
    return version == 2 ? json.put("group_size", groupSize) : json;
  }

  static LengthwiseException bad(Path file, String problem) {
    return new LengthwiseException(
        "File " + file + " is not a valid llama2.c file: " + problem + ".");
  }
}

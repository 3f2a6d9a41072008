package dev.lengthwise.checkpoint.gguf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.MappedFiles;
import dev.lengthwise.checkpoint.TensorEntry;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// A GGUF file, version 2 or 3, little-endian.
///
/// Scalars, texts and arrays of up to 1024 values are in [#header] under their flat keys, such as
/// `llama.block_count`. Every array, of any size, is also read from the file on demand with
/// [#strings], [#floats] and [#ints]. Shapes are row-major, the reverse of the order in the file;
/// tensor names are GGUF's own, such as `token_embd.weight`.
public final class GgufFile implements Checkpoint {

  private static final String TOKENIZER = "tokenizer.ggml.";

  /// The tokenizer of a file.
  ///
  /// @param model `tokenizer.ggml.model`: `llama` (SentencePiece), `gpt2` (byte-level BPE) …
  /// @param pre `tokenizer.ggml.pre`, the name of the pre-tokenizer
  /// @param tokens texts by token id
  /// @param scores scores by token id; empty where the file has none
  /// @param types types by token id (1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6
  ///     byte); empty where the file has none
  /// @param merges BPE merges, each two tokens with a space between; empty where there are none
  /// @param beginId id of the token that begins a text
  /// @param endId id of the token that ends a text
  /// @param addBegin whether a text begins with `beginId`
  /// @param addEnd whether a text ends with `endId`
  /// @param addSpacePrefix whether a space is put before a text
  /// @param removeExtraSpaces whether runs of spaces become one, and those at both ends go
  /// @param replacements SentencePiece's table of them; empty where the file has none
  @SuppressWarnings("ArrayRecordComponent") // a list would box some 100,000 numbers
  public record Vocabulary(
      String model,
      Optional<String> pre,
      List<String> tokens,
      float[] scores,
      int[] types,
      List<String> merges,
      OptionalInt beginId,
      OptionalInt endId,
      Optional<Boolean> addBegin,
      Optional<Boolean> addEnd,
      Optional<Boolean> addSpacePrefix,
      Optional<Boolean> removeExtraSpaces,
      byte[] replacements) {}

  private final Path path;
  private final MappedFiles files;
  private final GgufLayout layout;
  private final Map<String, TensorEntry> tensors;

  private GgufFile(Path path, MappedFiles files, GgufLayout layout) {
    this.path = path;
    this.files = files;
    this.layout = layout;
    this.tensors = Collections.unmodifiableMap(layout.tensors());
  }

  /// Opens a file, or all files of a model of which it is a part; [LengthwiseException] when one is
  /// missing, damaged or of another version.
  public static GgufFile open(Path path) {
    MappedFiles files = new MappedFiles();
    try {
      GgufLayout layout =
          GgufSplit.of(path).map(split -> split.parse(files)).orElseGet(() -> whole(path, files));
      return new GgufFile(path, files, layout);
    } catch (RuntimeException | Error e) {
      files.close();
      throw e;
    }
  }

  private static GgufLayout whole(Path path, MappedFiles files) {
    GgufLayout layout = GgufLayout.parse(path, files.map(path));
    int parts = layout.header().path("split.count").asInt(1);
    if (parts > 1) {
      throw new LengthwiseException(
          "File %s is one of %d parts of a model; name it and the others as they were, NAME-00001-of-%05d.gguf and so on."
              .formatted(path, parts, parts));
    }
    return layout;
  }

  /// Whether a file is a part of a model that another file stands for.
  public static boolean isLaterPart(Path file) {
    return GgufSplit.isLaterPart(file);
  }

  /// Whether the file has a value under `key`.
  public boolean has(String key) {
    return layout.header().has(key) || layout.arrays().containsKey(key);
  }

  /// Every key-value as it lies in the file, to write another one with, which is whole.
  public GgufMetadata metadata() {
    GgufMetadata metadata = new GgufMetadata();
    layout
        .pairs()
        .forEach(
            (key, value) -> {
              if (!key.startsWith(GgufSplit.KEYS)) {
                metadata.putStored(key, value);
              }
            });
    return metadata;
  }

  /// The texts of the array `key`; [LengthwiseException] when it is missing or holds other things.
  public List<String> strings(String key) {
    return array(key).strings();
  }

  /// The floats of the array `key`; [LengthwiseException] when it is missing or holds other things.
  public float[] floats(String key) {
    return array(key).floats();
  }

  /// The whole numbers of the array `key`; [LengthwiseException] when it is missing or holds other
  /// things.
  public int[] ints(String key) {
    return array(key).ints();
  }

  private GgufArray array(String key) {
    GgufArray array = layout.arrays().get(key);
    if (array == null) {
      throw missing(key, "an array");
    }
    return array;
  }

  private LengthwiseException missing(String key, String expected) {
    return new LengthwiseException(
        "File "
            + path
            + " needs "
            + expected
            + " under the GGUF key \""
            + key
            + "\", found "
            + (has(key) ? layout.header().get(key) : "nothing")
            + ".");
  }

  /// The tokenizer of the file; [LengthwiseException] when it has none or its parts do not fit.
  public Vocabulary vocabulary() {
    List<String> tokens = strings(TOKENIZER + "tokens");
    float[] scores = has(TOKENIZER + "scores") ? floats(TOKENIZER + "scores") : new float[0];
    int[] types = has(TOKENIZER + "token_type") ? ints(TOKENIZER + "token_type") : new int[0];
    requireLength("scores", scores.length, tokens.size());
    requireLength("token_type", types.length, tokens.size());
    return new Vocabulary(
        text("model").orElseThrow(() -> missing(TOKENIZER + "model", "a text")),
        text("pre"),
        tokens,
        scores,
        types,
        has(TOKENIZER + "merges") ? strings(TOKENIZER + "merges") : List.of(),
        firstId(tokens.size(), "bos_token_id", "cls_token_id"),
        firstId(tokens.size(), "eos_token_id", "seperator_token_id", "sep_token_id"),
        flag("add_bos_token"),
        flag("add_eos_token"),
        flag("add_space_prefix"),
        flag("remove_extra_whitespaces"),
        replacements());
  }

  // Encoders call the marks of a text by other names; the misspelt one is llama.cpp's.
  private OptionalInt firstId(int tokens, String... keys) {
    for (String key : keys) {
      OptionalInt found = tokenId(key, tokens);
      if (found.isPresent()) {
        return found;
      }
    }
    return OptionalInt.empty();
  }

  // SentencePiece's table of replacements.
  private byte[] replacements() {
    String key = TOKENIZER + "precompiled_charsmap";
    return has(key) ? array(key).octets() : new byte[0];
  }

  private void requireLength(String part, int found, int tokens) {
    if (found != 0 && found != tokens) {
      throw new LengthwiseException(
          "File "
              + path
              + " has "
              + found
              + " values under \""
              + TOKENIZER
              + part
              + "\" for "
              + tokens
              + " tokens; it is damaged.");
    }
  }

  private Optional<String> text(String part) {
    if (!has(TOKENIZER + part)) {
      return Optional.empty();
    }
    JsonNode node = layout.header().path(TOKENIZER + part);
    if (!node.isTextual()) {
      throw missing(TOKENIZER + part, "a text");
    }
    return Optional.of(node.textValue());
  }

  private Optional<Boolean> flag(String part) {
    if (!has(TOKENIZER + part)) {
      return Optional.empty();
    }
    JsonNode node = layout.header().path(TOKENIZER + part);
    if (!node.isBoolean()) {
      throw missing(TOKENIZER + part, "a truth value");
    }
    return Optional.of(node.booleanValue());
  }

  private OptionalInt tokenId(String part, int tokens) {
    if (!has(TOKENIZER + part)) {
      return OptionalInt.empty();
    }
    JsonNode node = layout.header().path(TOKENIZER + part);
    int id = node.isIntegralNumber() && node.canConvertToInt() ? node.intValue() : -1;
    if (id < 0 || id >= tokens) {
      throw missing(TOKENIZER + part, "an id below " + tokens);
    }
    return OptionalInt.of(id);
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public String format() {
    return "gguf";
  }

  @Override
  public ObjectNode header() {
    return layout.header().deepCopy();
  }

  @Override
  public Map<String, TensorEntry> tensors() {
    return tensors;
  }

  @Override
  public String sha256() {
    return files.sha256();
  }

  @Override
  public void close() {
    files.close();
  }
}

package dev.lengthwise.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.TensorEntry;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What a GGUF file says of its model without its weights, kept as JSON: the metadata but for the
/// tokenizer, the names of tensors, since some settings are no more than that a tensor is there,
/// and the numbers of those that scale frequencies.
///
/// @param header the metadata
/// @param tensors by name; those that do not scale frequencies are empty
/// @param path the file or folder that messages name
record GgufHeader(ObjectNode header, Map<String, TensorEntry> tensors, Path path)
    implements Checkpoint {

  private static final String HEADER = "header";
  private static final String TENSORS = "tensors";
  private static final String VOCABULARY = ".vocab_size";
  private static final String TOKENIZER = "tokenizer.";

  /// What scales frequencies.
  private static final Set<String> SCALING =
      Set.of("rope_freqs.weight", "rope_factors_long.weight", "rope_factors_short.weight");

  /// Copies the map.
  GgufHeader {
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
  }

  /// What a GGUF file says.
  ///
  /// @param vocabulary rows of the embedding, which not every header says
  static ObjectNode write(Checkpoint file, int vocabulary) {
    ObjectNode block = JsonNodeFactory.instance.objectNode();
    ObjectNode header = file.header();
    header.remove(keys(header).stream().filter(key -> key.startsWith(TOKENIZER)).toList());
    header.put(header.path(Container.GGUF.typeKey()).asText() + VOCABULARY, vocabulary);
    block.set(HEADER, header);
    ObjectNode tensors = block.putObject(TENSORS);
    file.tensors()
        .forEach(
            (name, entry) -> {
              ArrayNode numbers = tensors.putArray(name);
              if (SCALING.contains(name)) {
                for (float value : entry.toFloats()) {
                  numbers.add(value);
                }
              }
            });
    return block;
  }

  /// What [#write] wrote.
  static GgufHeader read(JsonNode block, Path path) {
    ObjectNode header =
        block.path(HEADER) instanceof ObjectNode own
            ? own.deepCopy()
            : JsonNodeFactory.instance.objectNode();
    Map<String, TensorEntry> tensors = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : block.path(TENSORS).properties()) {
      float[] numbers = floats(entry.getValue());
      tensors.put(entry.getKey(), TensorEntry.ofFloats(entry.getKey(), numbers, numbers.length));
    }
    return new GgufHeader(header, tensors, path);
  }

  private static float[] floats(JsonNode list) {
    float[] values = new float[list.size()];
    for (int index = 0; index < values.length; index++) {
      values[index] = (float) list.get(index).asDouble();
    }
    return values;
  }

  /// A copy with another length of texts and without a scaling of frequencies.
  static ObjectNode unscaled(ObjectNode block, long length) {
    ObjectNode copy = block.deepCopy();
    if (copy.path(HEADER) instanceof ObjectNode header) {
      String architecture = header.path(Container.GGUF.typeKey()).asText();
      String scaling = architecture + ".rope.scaling.";
      header.remove(keys(header).stream().filter(key -> key.startsWith(scaling)).toList());
      header.put(architecture + "." + KeyTable.GGUF.key(Field.LENGTH), length);
    }
    if (copy.path(TENSORS) instanceof ObjectNode tensors) {
      tensors.remove(SCALING);
    }
    return copy;
  }

  private static List<String> keys(ObjectNode node) {
    return node.properties().stream().map(Map.Entry::getKey).toList();
  }

  @Override
  public String format() {
    return "gguf";
  }

  @Override
  public String sha256() {
    throw new IllegalStateException("there are no weights here");
  }

  @Override
  public void close() {}
}

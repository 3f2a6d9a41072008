package dev.lengthwise.family;

import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.checkpoint.TensorEntry;
import dev.lengthwise.checkpoint.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/// A random model that can be written in every format. Its weights are in half-split layout under
/// Hugging Face names.
final class TinyModel {

  static final int HIDDEN = 16;
  static final int INNER = 24;
  static final int LAYERS = 2;
  static final int HEADS = 4;
  static final int KEY_VALUE_HEADS = 2;
  static final int HEAD_SIZE = 4;
  static final int VOCABULARY = 11;
  static final int LENGTH = 32;
  private static final int KEY_ROWS = KEY_VALUE_HEADS * HEAD_SIZE;

  private static final Map<String, String> GGUF_PARTS =
      Map.ofEntries(
          Map.entry("model.embed_tokens", "token_embd"),
          Map.entry("model.norm", "output_norm"),
          Map.entry("lm_head", "output"),
          Map.entry("input_layernorm", "attn_norm"),
          Map.entry("self_attn.q_proj", "attn_q"),
          Map.entry("self_attn.k_proj", "attn_k"),
          Map.entry("self_attn.v_proj", "attn_v"),
          Map.entry("self_attn.o_proj", "attn_output"),
          Map.entry("post_attention_layernorm", "ffn_norm"),
          Map.entry("mlp.gate_proj", "ffn_gate"),
          Map.entry("mlp.up_proj", "ffn_up"),
          Map.entry("mlp.down_proj", "ffn_down"));

  /// A tensor of the model.
  @SuppressWarnings("ArrayRecordComponent") // a test value that nobody compares
  record Weight(long[] shape, float[] values) {}

  final Map<String, Weight> weights = new LinkedHashMap<>();
  private final Random random;

  TinyModel(long seed, boolean tied, boolean bias) {
    random = new Random(seed);
    add("model.embed_tokens.weight", VOCABULARY, HIDDEN);
    for (int layer = 0; layer < LAYERS; layer++) {
      String prefix = "model.layers." + layer + ".";
      add(prefix + "input_layernorm.weight", HIDDEN);
      add(prefix + "self_attn.q_proj.weight", HEADS * HEAD_SIZE, HIDDEN);
      add(prefix + "self_attn.k_proj.weight", KEY_ROWS, HIDDEN);
      add(prefix + "self_attn.v_proj.weight", KEY_ROWS, HIDDEN);
      if (bias) {
        add(prefix + "self_attn.q_proj.bias", HEADS * HEAD_SIZE);
        add(prefix + "self_attn.k_proj.bias", KEY_ROWS);
        add(prefix + "self_attn.v_proj.bias", KEY_ROWS);
      }
      add(prefix + "self_attn.o_proj.weight", HIDDEN, HEADS * HEAD_SIZE);
      add(prefix + "post_attention_layernorm.weight", HIDDEN);
      add(prefix + "mlp.gate_proj.weight", INNER, HIDDEN);
      add(prefix + "mlp.up_proj.weight", INNER, HIDDEN);
      add(prefix + "mlp.down_proj.weight", HIDDEN, INNER);
    }
    add("model.norm.weight", HIDDEN);
    if (!tied) {
      add("lm_head.weight", VOCABULARY, HIDDEN);
    }
  }

  private void add(String name, long... shape) {
    float[] values = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * 0.4 + (shape.length == 1 ? 1 : 0));
    }
    weights.put(name, new Weight(shape, values));
  }

  /// `config.json` with the keys that every test needs and `more`, which begins with a comma.
  static String config(String type, String more) {
    return """
    {"model_type": "%s", "hidden_size": %d, "intermediate_size": %d, "num_hidden_layers": %d,
     "num_attention_heads": %d, "num_key_value_heads": %d, "vocab_size": %d,
     "rms_norm_eps": 1e-5, "max_position_embeddings": %d%s}
    """
        .formatted(type, HIDDEN, INNER, LAYERS, HEADS, KEY_VALUE_HEADS, VOCABULARY, LENGTH, more);
  }

  Path writeSafetensors(Path folder, String config) {
    List<TensorEntry> entries = new ArrayList<>();
    weights.forEach(
        (name, weight) ->
            entries.add(
                new TensorEntry(
                    name, DataType.F32, weight.shape(), MemorySegment.ofArray(weight.values()))));
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("config.json"), config);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    SafetensorsWriter.writeEntries(
        folder.resolve("model.safetensors"), SafetensorsWriter.TORCH_METADATA, entries);
    return folder;
  }

  /// As llama.cpp's converter writes it.
  ///
  /// @param more key-values of further settings, each a key without architecture and an f32
  Path writeGguf(Path file, String architecture, boolean permuted, Map<String, Float> more) {
    Map<String, Integer> sizes = new LinkedHashMap<>();
    sizes.put("block_count", LAYERS);
    sizes.put("embedding_length", HIDDEN);
    sizes.put("feed_forward_length", INNER);
    sizes.put("attention.head_count", HEADS);
    sizes.put("attention.head_count_kv", KEY_VALUE_HEADS);
    sizes.put("context_length", LENGTH);
    sizes.put("rope.dimension_count", HEAD_SIZE);
    LittleEndianFile out = new LittleEndianFile().ascii("GGUF").ints(3);
    out.longs(weights.size(), 2L + sizes.size() + more.size());
    out.string("general.architecture").ints(8).string(architecture);
    sizes.forEach((key, value) -> out.string(architecture + "." + key).ints(4, value));
    out.string(architecture + ".attention.layer_norm_rms_epsilon").ints(6).floats(1e-5f);
    more.forEach((key, value) -> out.string(architecture + "." + key).ints(6).floats(value));
    long offset = 0;
    for (Map.Entry<String, Weight> entry : weights.entrySet()) {
      long[] shape = entry.getValue().shape();
      out.string(ggufName(entry.getKey())).ints(shape.length);
      for (int i = shape.length - 1; i >= 0; i--) {
        out.longs(shape[i]);
      }
      out.ints(0).longs(offset);
      offset = Math.ceilDiv(offset + 4L * entry.getValue().values().length, 32L) * 32;
    }
    weights.forEach(
        (name, weight) ->
            out.padTo(32).floats(permuted ? interleaved(name, weight) : weight.values()));
    return write(file, out);
  }

  private static String ggufName(String name) {
    String result = name.replaceFirst("^model\\.layers\\.", "blk.");
    for (Map.Entry<String, String> part : GGUF_PARTS.entrySet()) {
      result = result.replace(part.getKey(), part.getValue());
    }
    return result;
  }

  /// The legacy format of llama2.c.
  Path writeLlama2c(Path file) {
    boolean tied = !weights.containsKey("lm_head.weight");
    LittleEndianFile out =
        new LittleEndianFile()
            .ints(HIDDEN, INNER, LAYERS, HEADS, KEY_VALUE_HEADS)
            .ints(tied ? VOCABULARY : -VOCABULARY, LENGTH);
    put(out, "model.embed_tokens.weight");
    for (String part :
        List.of(
            "input_layernorm",
            "self_attn.q_proj",
            "self_attn.k_proj",
            "self_attn.v_proj",
            "self_attn.o_proj",
            "post_attention_layernorm",
            "mlp.gate_proj",
            "mlp.down_proj",
            "mlp.up_proj")) {
      for (int layer = 0; layer < LAYERS; layer++) {
        put(out, "model.layers." + layer + "." + part + ".weight");
      }
    }
    put(out, "model.norm.weight");
    out.floats(new float[LENGTH * HEAD_SIZE]);
    if (!tied) {
      put(out, "lm_head.weight");
    }
    return write(file, out);
  }

  private void put(LittleEndianFile out, String name) {
    out.floats(interleaved(name, Objects.requireNonNull(weights.get(name))));
  }

  /// Rows of query and key projections in the order of interleaved pairs; others as they are. Row
  /// `2m + half` of a head is row `m + half · headSize/2` of the half-split layout.
  private static float[] interleaved(String name, Weight weight) {
    if (!name.contains("q_proj") && !name.contains("k_proj")) {
      return weight.values();
    }
    int rows = (int) weight.shape()[0];
    int columns = weight.values().length / rows;
    float[] result = new float[weight.values().length];
    for (int row = 0; row < rows; row++) {
      int head = row / HEAD_SIZE;
      int inHead = row % HEAD_SIZE;
      int source = head * HEAD_SIZE + inHead / 2 + inHead % 2 * (HEAD_SIZE / 2);
      System.arraycopy(weight.values(), source * columns, result, row * columns, columns);
    }
    return result;
  }

  private static Path write(Path file, LittleEndianFile out) {
    try {
      return Files.write(file, out.bytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package dev.lengthwise.checkpoint.safetensors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.MappedFiles;
import dev.lengthwise.checkpoint.TensorEntry;
import dev.lengthwise.io.JsonObjects;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// A Hugging Face checkpoint: one `.safetensors` file, or the shards that
/// `model.safetensors.index.json` names. The header is the `config.json` beside it.
public final class SafetensorsFile implements Checkpoint {

  /// The usual name of an unsharded file.
  public static final String SINGLE = "model.safetensors";

  /// The usual name of the list of shards.
  public static final String INDEX = "model.safetensors.index.json";

  private static final String CONFIG = "config.json";

  /// Buffers that programs compute: older ones saved them, and indices leave them out.
  private static final Pattern BUFFER =
      Pattern.compile(".*\\.(rotary_emb\\.inv_freq|attn\\.bias|attention\\.bias|masked_bias)");

  private final Path path;
  private final MappedFiles files;
  private final ObjectNode header;
  private final Map<String, TensorEntry> tensors;

  private SafetensorsFile(
      Path path, Path folder, MappedFiles files, Map<String, TensorEntry> tensors) {
    this.path = path;
    this.files = files;
    this.header = config(folder);
    this.tensors = Collections.unmodifiableMap(tensors);
  }

  /// Opens a `.safetensors` file, or a folder that holds `model.safetensors` or
  /// `model.safetensors.index.json`.
  ///
  /// Throws [LengthwiseException] when a file is missing, damaged or not what the index says.
  public static SafetensorsFile open(Path path) {
    MappedFiles files = new MappedFiles();
    try {
      if (!Files.isDirectory(path)) {
        return single(path, path, files);
      }
      Path single = path.resolve(SINGLE);
      return Files.exists(single) ? single(path, single, files) : sharded(path, files);
    } catch (RuntimeException | Error e) {
      files.close();
      throw e;
    }
  }

  private static SafetensorsFile single(Path path, Path file, MappedFiles files) {
    SafetensorsLayout layout = SafetensorsLayout.parse(file, files.map(file));
    Path folder = file.toAbsolutePath().resolveSibling(".").normalize();
    return new SafetensorsFile(path, folder, files, layout.tensors());
  }

  private static SafetensorsFile sharded(Path folder, MappedFiles files) {
    Path index = folder.resolve(INDEX);
    Map<String, String> shardOfTensor = weightMap(index);
    Map<String, SafetensorsLayout> shards = new LinkedHashMap<>();
    for (String shard : new TreeSet<>(shardOfTensor.values())) {
      Path file = folder.resolve(shard);
      if (!Files.isRegularFile(file)) {
        throw new LengthwiseException(
            "Shard " + file + ", which " + index + " names, does not exist; fetch it.");
      }
      SafetensorsLayout layout = SafetensorsLayout.parse(file, files.map(file));
      shards.put(shard, layout);
    }
    Map<String, TensorEntry> tensors = new LinkedHashMap<>();
    shardOfTensor.forEach((name, shard) -> tensors.put(name, inShard(index, name, shard, shards)));
    requireIndexed(index, shards, shardOfTensor);
    return new SafetensorsFile(folder, folder, files, tensors);
  }

  private static TensorEntry inShard(
      Path index, String name, String shard, Map<String, SafetensorsLayout> shards) {
    SafetensorsLayout layout = shards.get(shard);
    TensorEntry entry = layout == null ? null : layout.tensors().get(name);
    if (entry == null) {
      throw new LengthwiseException(
          "Tensor \""
              + name
              + "\" is not in "
              + shard
              + ", where "
              + index
              + " says it is; the index and the shards are from different checkpoints.");
    }
    return entry;
  }

  private static void requireIndexed(
      Path index, Map<String, SafetensorsLayout> shards, Map<String, String> shardOfTensor) {
    shards.forEach(
        (shard, layout) ->
            layout.tensors().keySet().stream()
                .filter(name -> !shard.equals(shardOfTensor.get(name)))
                .filter(name -> shardOfTensor.containsKey(name) || !BUFFER.matcher(name).matches())
                .findFirst()
                .ifPresent(
                    name -> {
                      throw new LengthwiseException(
                          "Shard "
                              + shard
                              + " holds tensor \""
                              + name
                              + "\", which "
                              + index
                              + " does not place there; the index and the shards are from"
                              + " different checkpoints.");
                    }));
  }

  private static Map<String, String> weightMap(Path index) {
    if (!Files.exists(index)) {
      throw new LengthwiseException(
          "Folder "
              + index.resolveSibling("")
              + " holds neither "
              + SINGLE
              + " nor "
              + INDEX
              + "; name the weight file itself.");
    }
    JsonNode map = JsonObjects.readStrictObject(index).path("weight_map");
    if (!map.isObject()) {
      throw new LengthwiseException("File " + index + " needs the object \"weight_map\".");
    }
    Map<String, String> shards = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : map.properties()) {
      String shard = field.getValue().asText();
      if (!field.getValue().isTextual() || !isPlainName(shard)) {
        throw new LengthwiseException(
            "File "
                + index
                + " places tensor \""
                + field.getKey()
                + "\" in "
                + field.getValue()
                + "; expected the name of a file beside it.");
      }
      shards.put(field.getKey(), shard);
    }
    return shards;
  }

  /// Whether a shard's name stays inside the folder.
  private static boolean isPlainName(String name) {
    return name.endsWith(".safetensors")
        && name.chars().noneMatch(c -> c == '/' || c == '\\' || c == 0);
  }

  private static ObjectNode config(Path folder) {
    Path config = folder.resolve(CONFIG);
    return Files.exists(config) ? JsonObjects.readPythonObject(config) : JsonObjects.emptyObject();
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public String format() {
    return "safetensors";
  }

  /// The content of `config.json`; empty when there is none.
  @Override
  public ObjectNode header() {
    return header.deepCopy();
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

package dev.lengthwise.checkpoint.llama2c;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.LittleEndian;
import dev.lengthwise.checkpoint.MappedFiles;
import dev.lengthwise.checkpoint.TensorEntry;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;

/// A checkpoint of llama2.c: legacy (no magic, f32), version 1 (f32) or version 2 (int8 groups).
///
/// Tensors carry the Hugging Face names of Llama (`model.layers.0.self_attn.q_proj.weight` …), but
/// the rows of `q_proj` and `k_proj` are in Meta's order: the two of a rotary pair are neighbours.
/// Version 2 is dequantised when it is opened, so its tensors take four times the size of the
/// file; its scales are checked to be finite and not negative, because an early exporter wrote
/// them in another order under the same version number.
public final class Llama2cFile implements Checkpoint {

  private final Path path;
  private final MappedFiles files;
  private final Llama2cHeader header;
  private final Map<String, TensorEntry> tensors;

  private Llama2cFile(
      Path path, MappedFiles files, Llama2cHeader header, Map<String, TensorEntry> tensors) {
    this.path = path;
    this.files = files;
    this.header = header;
    this.tensors = Collections.unmodifiableMap(tensors);
  }

  /// Opens a file; [LengthwiseException] when its header is implausible or its size is not exactly
  /// what the header implies.
  public static Llama2cFile open(Path path) {
    MappedFiles files = new MappedFiles();
    try {
      MemorySegment bytes = files.map(path);
      Llama2cHeader header = Llama2cHeader.parse(path, bytes);
      if (bytes.byteSize() != header.fileBytes()) {
        throw Llama2cHeader.bad(
            path,
            "it has "
                + bytes.byteSize()
                + " bytes, expected "
                + header.fileBytes()
                + " for "
                + header);
      }
      Map<String, TensorEntry> tensors = new Llama2cWeights(path, files, bytes, header).read();
      return new Llama2cFile(path, files, header, tensors);
    } catch (RuntimeException | Error e) {
      files.close();
      throw e;
    }
  }

  /// Whether `bytes`, a whole file, has the magic or exactly the size that a legacy header implies.
  public static boolean recognises(Path path, MemorySegment bytes) {
    if (bytes.byteSize() >= Integer.BYTES
        && bytes.get(LittleEndian.I32, 0) == Llama2cHeader.MAGIC) {
      return true;
    }
    try {
      return Llama2cHeader.parse(path, bytes).fileBytes() == bytes.byteSize();
    } catch (LengthwiseException _) {
      return false;
    }
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public String format() {
    return "llama2.c";
  }

  /// `architecture` = `llama2.c`, `version`, `dim`, `hidden_dim`, `n_layers`, `n_heads`,
  /// `n_kv_heads`, `vocab_size`, `max_seq_len`, `shared_classifier`, and `group_size` for version
  /// 2.
  @Override
  public ObjectNode header() {
    return header.json();
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

package dev.lengthwise.checkpoint.llama2c;

import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.checkpoint.LittleEndian;
import dev.lengthwise.checkpoint.MappedFiles;
import dev.lengthwise.checkpoint.TensorEntry;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// Walks the weights of a llama2.c file whose size is already known to be right. For one thread.
final class Llama2cWeights {

  private final Path file;
  private final MappedFiles files;
  private final MemorySegment bytes;
  private final Llama2cHeader header;
  private final Map<String, TensorEntry> tensors = new LinkedHashMap<>();
  private long position;

  Llama2cWeights(Path file, MappedFiles files, MemorySegment bytes, Llama2cHeader header) {
    this.file = file;
    this.files = files;
    this.bytes = bytes;
    this.header = header;
    this.position = header.headerBytes();
  }

  /// Every tensor in the order of the file.
  Map<String, TensorEntry> read() {
    if (header.version() == 0) {
      readLegacy();
    } else {
      readVersioned();
    }
    if (!header.sharedClassifier()) {
      matrix("lm_head.weight", header.vocabularySize(), header.dim());
    }
    return tensors;
  }

  private void readLegacy() {
    matrix("model.embed_tokens.weight", header.vocabularySize(), header.dim());
    norms("input_layernorm");
    readAttention();
    norms("post_attention_layernorm");
    readFeedForward();
    norm("model.norm.weight");
    position += header.tableElements() * Float.BYTES;
  }

  private void readVersioned() {
    norms("input_layernorm");
    norms("post_attention_layernorm");
    norm("model.norm.weight");
    matrix("model.embed_tokens.weight", header.vocabularySize(), header.dim());
    readAttention();
    readFeedForward();
  }

  private void readAttention() {
    matrices("self_attn.q_proj", header.dim(), header.dim());
    matrices("self_attn.k_proj", header.keyValueDim(), header.dim());
    matrices("self_attn.v_proj", header.keyValueDim(), header.dim());
    matrices("self_attn.o_proj", header.dim(), header.dim());
  }

  private void readFeedForward() {
    matrices("mlp.gate_proj", header.hiddenDim(), header.dim());
    matrices("mlp.down_proj", header.dim(), header.hiddenDim());
    matrices("mlp.up_proj", header.hiddenDim(), header.dim());
  }

  private static String layerName(int layer, String part) {
    return "model.layers." + layer + "." + part + ".weight";
  }

  private void norms(String part) {
    for (int layer = 0; layer < header.layers(); layer++) {
      norm(layerName(layer, part));
    }
  }

  private void matrices(String part, long rows, long columns) {
    for (int layer = 0; layer < header.layers(); layer++) {
      matrix(layerName(layer, part), rows, columns);
    }
  }

  private void norm(String name) {
    add(name, next((long) header.dim() * Float.BYTES), header.dim());
  }

  private void matrix(String name, long rows, long columns) {
    MemorySegment stored = next(header.matrixBytes(rows * columns));
    add(
        name,
        header.version() == 2 ? dequantised(name, stored, rows * columns) : stored,
        rows,
        columns);
  }

  private void add(String name, MemorySegment data, long... shape) {
    tensors.put(name, new TensorEntry(name, DataType.F32, shape, data, file.toString()));
  }

  private MemorySegment next(long size) {
    MemorySegment segment = bytes.asSlice(position, size);
    position += size;
    return segment;
  }

  /// `scale · q`: all signed bytes of a matrix, then one f32 scale for each group of them.
  private MemorySegment dequantised(String name, MemorySegment stored, long elements) {
    MemorySegment floats = files.allocate(elements * Float.BYTES, Float.BYTES);
    MemorySegment scales = stored.asSlice(elements);
    int groupSize = header.groupSize();
    for (long group = 0; group < elements / groupSize; group++) {
      float scale = scales.getAtIndex(LittleEndian.F32, group);
      if (!(scale >= 0 && scale < Float.POSITIVE_INFINITY)) {
        throw Llama2cHeader.bad(
            file,
            "scale "
                + group
                + " of "
                + name
                + " is "
                + scale
                + ", expected a finite number of at least 0; export it again with a current"
                + " llama2.c");
      }
      for (long i = group * groupSize; i < (group + 1) * groupSize; i++) {
        floats.setAtIndex(LittleEndian.F32, i, scale * stored.get(ValueLayout.JAVA_BYTE, i));
      }
    }
    return floats;
  }
}

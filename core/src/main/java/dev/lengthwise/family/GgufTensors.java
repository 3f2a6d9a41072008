package dev.lengthwise.family;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.TensorEntry;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.ModelShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongUnaryOperator;

/// The tensors of a Llama-shaped checkpoint with Hugging Face's names, under GGUF's names: each
/// must exist and have the shape that the header implies, and none may be left over.
final class GgufTensors {

  private static final TensorNames FROM = TensorNames.HUGGING_FACE;
  private static final TensorNames TO = TensorNames.GGUF;

  private final Checkpoint checkpoint;
  private final ModelSpec spec;
  private final boolean tied;
  private final boolean permuted;
  private final List<GgufParts.Part> parts = new ArrayList<>();
  private final Set<String> used = new HashSet<>();

  /// @param tied whether the head is the embedding
  /// @param permuted whether query and key rows go from half-split to interleaved pairs
  GgufTensors(Checkpoint checkpoint, ModelSpec spec, boolean tied, boolean permuted) {
    this.checkpoint = checkpoint;
    this.spec = spec;
    this.tied = tied;
    this.permuted = permuted;
  }

  /// All tensors, in llama.cpp's order.
  List<GgufParts.Part> all() {
    add(FROM.embedding(), TO.embedding(), spec.vocabularySize(), spec.hiddenSize());
    for (int layer = 0; layer < spec.shape().layers(); layer++) {
      addBlock(layer);
    }
    addVector(FROM.norm() + ".weight", TO.norm() + ".weight", spec.hiddenSize());
    if (!tied && has(FROM.head() + ".weight")) {
      add(FROM.head(), TO.head(), spec.vocabularySize(), spec.hiddenSize());
    }
    requireAllUsed();
    return parts;
  }

  private void addBlock(int layer) {
    ModelShape shape = spec.shape();
    long hidden = spec.hiddenSize();
    long inner = spec.feedForwardSize();
    long queries = (long) shape.heads() * shape.headSize();
    long keys = (long) shape.keyValueHeads() * shape.headSize();
    String from = FROM.in(layer, "");
    String to = TO.in(layer, "");
    addVector(from + FROM.attentionNorm() + ".weight", to + TO.attentionNorm() + ".weight", hidden);
    addRotary(from + FROM.query(), to + TO.query(), queries);
    addRotary(from + FROM.key(), to + TO.key(), keys);
    add(from + FROM.value(), to + TO.value(), keys, hidden);
    add(from + FROM.output(), to + TO.output(), hidden, queries);
    addVector(
        from + FROM.feedForwardNorm() + ".weight", to + TO.feedForwardNorm() + ".weight", hidden);
    add(from + FROM.gate(), to + TO.gate(), inner, hidden);
    add(from + FROM.up(), to + TO.up(), inner, hidden);
    add(from + FROM.down(), to + TO.down(), hidden, inner);
  }

  private boolean has(String name) {
    return checkpoint.tensors().containsKey(name);
  }

  // A projection and, where the file has one, its bias.
  private void add(String from, String to, long outputs, long inputs) {
    parts.add(new GgufParts.Part(to + ".weight", entry(from + ".weight", outputs, inputs)));
    if (has(from + ".bias")) {
      addVector(from + ".bias", to + ".bias", outputs);
    }
  }

  private void addVector(String from, String to, long size) {
    parts.add(new GgufParts.Part(to, entry(from, size)));
  }

  // A query or key projection, whose rows turn.
  private void addRotary(String from, String to, long outputs) {
    if (!permuted) {
      add(from, to, outputs, spec.hiddenSize());
      return;
    }
    TensorEntry weight = entry(from + ".weight", outputs, spec.hiddenSize());
    parts.add(new GgufParts.Part(to + ".weight", weight, interleaved()));
    if (has(from + ".bias")) {
      float[] halfSplit = entry(from + ".bias", outputs).toFloats();
      float[] bias = new float[halfSplit.length];
      for (int row = 0; row < bias.length; row++) {
        bias[row] = halfSplit[(int) interleaved().applyAsLong(row)];
      }
      parts.add(new GgufParts.Part(to + ".bias", TensorEntry.ofFloats(from + ".bias", bias)));
    }
  }

  /// From a row of interleaved pairs to the row of half-split ones: `2m → m`, `2m + 1 → m +
  /// headSize/2`, head by head.
  private LongUnaryOperator interleaved() {
    long size = spec.shape().headSize();
    return row -> row - row % size + row % size / 2 + row % 2 * (size / 2);
  }

  private TensorEntry entry(String name, long... shape) {
    TensorEntry entry = checkpoint.tensor(name);
    used.add(name);
    if (!Arrays.equals(entry.shape(), shape)) {
      throw new LengthwiseException(
          "Tensor \"%s\" of %s does not have the shape that the header implies: expected %s, found %s."
              .formatted(
                  name, checkpoint.path(), Arrays.toString(shape), Arrays.toString(entry.shape())));
    }
    return entry;
  }

  // Frequencies are among the key-values, and a tied head is the embedding.
  private void requireAllUsed() {
    List<String> left =
        checkpoint.tensors().keySet().stream()
            .filter(name -> !used.contains(name) && !name.endsWith(".rotary_emb.inv_freq"))
            .filter(name -> !(tied && name.equals(FROM.head() + ".weight")))
            .toList();
    if (!left.isEmpty()) {
      throw new LengthwiseException(
          "%s holds %d tensors that a model with this header does not have, such as %s; header and weights do not belong together, or the architecture is another one."
              .formatted(checkpoint.path(), left.size(), left.getFirst()));
    }
  }
}

package dev.lengthwise.family;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.GgufFile;
import dev.lengthwise.checkpoint.GgufMetadata;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.MethodReader;
import dev.lengthwise.position.ModelShape;
import java.util.ArrayList;
import java.util.List;

/// Turns checkpoints of the Llama family into the parts of a GGUF file.
///
/// A GGUF file keeps its own keys, names and order. Of other files, header and names become those
/// of llama.cpp's architectures `llama` (query and key rows in interleaved pairs) and `qwen2` (rows
/// as they are).
public final class GgufExport {

  private static final String LLAMA = "llama";
  private static final String QWEN2 = "qwen2";

  private final Checkpoint checkpoint;
  private final ModelSpec spec;
  private final Settings config;
  private final String architecture;

  private GgufExport(Checkpoint checkpoint, ModelSpec spec) {
    this.checkpoint = checkpoint;
    this.spec = spec;
    this.config = Settings.of(checkpoint);
    this.architecture = config.text("model_type").orElse("").equals(QWEN2) ? QWEN2 : LLAMA;
  }

  /// The parts of `checkpoint`, which must stay open as long as they are used.
  ///
  /// @throws LengthwiseException when llama.cpp has no architecture for the model, or the file is
  ///     damaged
  public static GgufParts of(Checkpoint checkpoint, MethodReader methods) {
    Family family = Families.of(checkpoint);
    ModelSpec spec = family.spec(checkpoint, methods);
    if (checkpoint instanceof GgufFile file) {
      return copy(file);
    }
    if (!(family instanceof LlamaFamily)) {
      throw new LengthwiseException(
          "%s is of the family %s, which llama.cpp has no architecture for, so it cannot be written as GGUF; expected llama, mistral or qwen2."
              .formatted(checkpoint.path(), family.name()));
    }
    if (Settings.of(checkpoint).text("model_type").orElse("").equals(LengthwiseFamily.TYPE)) {
      throw new LengthwiseException(
          "%s was trained with %s, for which llama.cpp has no architecture, so it cannot be written as GGUF; expected plain rotary positions."
              .formatted(checkpoint.path(), spec.declared().name()));
    }
    return new GgufExport(checkpoint, spec).parts();
  }

  private static GgufParts copy(GgufFile file) {
    List<GgufParts.Part> tensors = new ArrayList<>();
    file.tensors().forEach((name, tensor) -> tensors.add(new GgufParts.Part(name, tensor)));
    return new GgufParts(file.metadata().remove("general.alignment"), tensors, List.of());
  }

  private GgufParts parts() {
    ModelShape shape = spec.shape();
    if (shape.rotarySize() != shape.headSize()) {
      throw new LengthwiseException(
          "%s turns %d of the %d channels of a head; the architecture %s of llama.cpp turns all of them."
              .formatted(checkpoint.path(), shape.rotarySize(), shape.headSize(), architecture));
    }
    GgufMetadata metadata = new GgufMetadata();
    putSizes(metadata);
    GgufRope rope = new GgufRope(checkpoint, spec, config, architecture);
    List<String> remarks = rope.put(metadata);
    GgufTokenizer.put(checkpoint, spec.vocabularySize(), metadata).ifPresent(remarks::add);
    List<GgufParts.Part> tensors = new ArrayList<>(rope.tensors());
    boolean permuted = checkpoint.format().equals("safetensors") && architecture.equals(LLAMA);
    boolean tied =
        checkpoint.format().equals("safetensors") && config.flag("tie_word_embeddings", false);
    tensors.addAll(new GgufTensors(checkpoint, spec, tied, permuted).all());
    if (architecture.equals(QWEN2)) {
      requireBiases(tensors);
    }
    return new GgufParts(metadata, tensors, remarks);
  }

  private void requireBiases(List<GgufParts.Part> tensors) {
    if (tensors.stream().noneMatch(part -> part.name().equals("blk.0.attn_q.bias"))) {
      throw new LengthwiseException(
          "%s has no biases of query, key and value projections, which qwen2 models have; a part of it is missing."
              .formatted(checkpoint.path()));
    }
  }

  private void putSizes(GgufMetadata metadata) {
    ModelShape shape = spec.shape();
    metadata
        .putText("general.architecture", architecture)
        .putText("general.type", "model")
        .putText("general.name", ModelLoader.nameOf(checkpoint.path()))
        .putWhole(key("block_count"), shape.layers())
        .putWhole(key("context_length"), contextLength())
        .putWhole(key("embedding_length"), spec.hiddenSize())
        .putWhole(key("feed_forward_length"), spec.feedForwardSize())
        .putWhole(key("attention.head_count"), shape.heads())
        .putWhole(key("attention.head_count_kv"), shape.keyValueHeads())
        .putWhole(key("attention.key_length"), shape.headSize())
        .putWhole(key("attention.value_length"), shape.headSize())
        .putFloat(key("attention.layer_norm_rms_epsilon"), spec.normEpsilon())
        .putFloat(key("rope.freq_base"), shape.rotaryBase())
        .putWhole(key("rope.dimension_count"), shape.rotarySize())
        .putWhole(key("vocab_size"), spec.vocabularySize());
  }

  // The trained length; with a scaling that extends it, the length that the model is offered for,
  // as llama.cpp's own converter has it. The trained length is then among the keys of the scaling.
  private long contextLength() {
    long trained = spec.shape().trainedLength();
    return Math.max(trained, config.tokens("max_position_embeddings", trained));
  }

  private String key(String part) {
    return architecture + "." + part;
  }
}

package dev.lengthwise.family;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.gguf.GgufFile;
import dev.lengthwise.checkpoint.gguf.GgufMetadata;
import dev.lengthwise.matrix.Activation;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.MethodReader;
import dev.lengthwise.position.OwnLayers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Turns checkpoints into the parts of a GGUF file, by the keys and names of their family.
///
/// A GGUF file keeps its own keys, names and order.
public final class GgufExport {

  private static final int COMMAND_R_PLUS = 64;
  private static final Set<Integer> DEEPSEEK_LITE = Set.of(26, 27);

  private final Checkpoint checkpoint;
  private final FileFormat source;
  private final FileFormat target;
  private final ModelSpec spec;
  private final Settings config;
  private final String architecture;

  private GgufExport(
      Checkpoint checkpoint,
      FileFormat source,
      FileFormat target,
      String architecture,
      ModelSpec spec) {
    this.checkpoint = checkpoint;
    this.source = source;
    this.target = target;
    this.architecture = architecture;
    this.spec = spec;
    this.config = Settings.of(checkpoint);
  }

  /// The parts of `checkpoint`, which must stay open as long as they are used.
  ///
  /// @throws LengthwiseException when llama.cpp has no architecture for the model, or the file is
  ///     damaged
  public static GgufParts of(Checkpoint checkpoint, MethodReader methods) {
    Families.Found found = Families.of(checkpoint);
    ModelSpec spec = found.spec(methods);
    if (checkpoint instanceof GgufFile file) {
      return copy(file);
    }
    if (spec.isBidirectional()) {
      throw new LengthwiseException(
          "%s is an encoder, whose pooling and WordPiece this program does not write as GGUF; it stays in the format of Hugging Face."
              .formatted(checkpoint.path()));
    }
    FileFormat target =
        found
            .family()
            .formatIn(Container.GGUF, spec)
            .orElseThrow(
                () ->
                    new LengthwiseException(
                        "%s is a model of the family %s, trained with %s; llama.cpp has no architecture for it, so it cannot be written as GGUF."
                            .formatted(checkpoint.path(), spec.family(), spec.declared().name())));
    if (Settings.of(checkpoint).text("model_type").orElse("").equals(LengthwiseFamily.TYPE)) {
      throw new LengthwiseException(
          "%s was trained with %s, for which llama.cpp has no architecture, so it cannot be written as GGUF; expected plain rotary positions."
              .formatted(checkpoint.path(), spec.declared().name()));
    }
    if (isUniform(spec)) {
      return alikeLayers(checkpoint, found, spec, target, methods);
    }
    return unlikeLayers(checkpoint, found, spec, methods);
  }

  private static boolean isUniform(ModelSpec spec) {
    return !GgufRope.isLatent(spec) && !(spec.declared() instanceof OwnLayers);
  }

  private static GgufParts alikeLayers(
      Checkpoint checkpoint,
      Families.Found found,
      ModelSpec spec,
      FileFormat target,
      MethodReader methods) {
    String architecture = target.types().getFirst();
    GgufExport export = new GgufExport(checkpoint, found.format(), target, architecture, spec);
    GgufReadBack reading = new GgufReadBack(found.family(), target, methods);
    List<GgufParts.Part> rotation = export.rope().tensors();
    if (!reading.describesLayers(spec, export.header(), checkpoint.path(), rotation)) {
      throw new LengthwiseException(
          "%s has layers that llama.cpp does not compute under the architecture %s, so that a GGUF file would be another model; it stays in the format of Hugging Face."
              .formatted(checkpoint.path(), architecture));
    }
    return export.parts();
  }

  // What an architecture of llama.cpp is known to mean beside its keys, such as which layers have a
  // window, differs from one to the next: the first one whose header reads back as the model is it.
  private static GgufParts unlikeLayers(
      Checkpoint checkpoint, Families.Found found, ModelSpec spec, MethodReader methods) {
    for (FileFormat target : found.family().formats()) {
      if (target.container() != Container.GGUF) {
        continue;
      }
      GgufReadBack reading = new GgufReadBack(found.family(), target, methods);
      for (String architecture : target.types()) {
        GgufExport export = new GgufExport(checkpoint, found.format(), target, architecture, spec);
        if (reading.describes(spec, export.header(), checkpoint.path())) {
          return export.parts();
        }
      }
    }
    throw new LengthwiseException(
        "%s has %s as no architecture of llama.cpp has them, so that a GGUF file would be another model; it stays in the format of Hugging Face."
            .formatted(
                checkpoint.path(),
                GgufRope.isLatent(spec) ? "latent attention and experts" : "layers that differ"));
  }

  private static GgufParts copy(GgufFile file) {
    List<GgufParts.Part> tensors = new ArrayList<>();
    file.tensors().forEach((name, tensor) -> tensors.add(new GgufParts.Part(name, tensor)));
    return new GgufParts(file.metadata().remove("general.alignment"), tensors, List.of());
  }

  // All that is said of the layers.
  private GgufMetadata header() {
    GgufMetadata metadata = new GgufMetadata();
    putSizes(metadata);
    rope().put(metadata);
    return metadata;
  }

  private GgufRope rope() {
    return new GgufRope(checkpoint, spec, config, architecture);
  }

  private GgufParts parts() {
    GgufMetadata metadata = new GgufMetadata();
    putSizes(metadata);
    GgufRope rope = rope();
    List<String> remarks = rope.put(metadata);
    GgufTokenizer.put(checkpoint, spec.vocabularySize(), metadata).ifPresent(remarks::add);
    List<GgufParts.Part> tensors = new ArrayList<>(rope.tensors());
    tensors.addAll(new ExportedTensors(checkpoint, spec, source, target).all());
    if (Field.ACTIVATION.of(spec) == Activation.GELU) {
      remarks.add("llama.cpp computes GELU in its tanh form: logits will differ by about 0.003.");
    }
    refusalThere().ifPresent(remarks::add);
    return new GgufParts(metadata, tensors, remarks);
  }

  // By the number of layers llama.cpp knows which tensors files of these architectures have. This
  // program reads them all the same.
  private Optional<String> refusalThere() {
    int layers = spec.layers().size();
    boolean normed = Boolean.TRUE.equals(Field.HEAD_NORM.of(spec));
    if (architecture.equals("command-r") && normed != layers >= COMMAND_R_PLUS) {
      return Optional.of(
          "llama.cpp will not load this file of %d layers: of command-r it expects norms of heads from %d layers on, and none below."
              .formatted(layers, COMMAND_R_PLUS));
    }
    boolean whole = Field.QUERY_RANK.of(spec) == null;
    if (architecture.equals("deepseek2") && whole && !DEEPSEEK_LITE.contains(layers)) {
      return Optional.of(
          "llama.cpp will not load this file of %d layers: it expects deepseek2 without q_lora_rank to have 26 or 27."
              .formatted(layers));
    }
    return Optional.empty();
  }

  private void putSizes(GgufMetadata metadata) {
    metadata
        .putText("general.architecture", architecture)
        .putText("general.type", "model")
        .putText("general.name", ModelLoader.nameOf(checkpoint.path()));
    target
        .keys()
        .values(spec)
        .forEach(
            (key, value) -> {
              switch (value) {
                case Boolean flag -> metadata.putFlag(key(key), flag);
                case Double number -> metadata.putFloat(key(key), number);
                case Number whole -> metadata.putWhole(key(key), whole.longValue());
                default -> throw new IllegalStateException("GGUF cannot hold " + value);
              }
            });
    metadata.putWhole(key("context_length"), contextLength());
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

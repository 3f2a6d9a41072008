package dev.lengthwise.family;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.MethodJson;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The header of a model that was trained further here, where no header of Hugging Face's library
/// says what it became:
///
///     {"model_type": "lengthwise", "base_config": {"model_type": "gemma2", …},
///      "length_extrapolation": {"method": "log-n", …}}
///
/// `base_config` is the header of the model that it came from, or `base_gguf` what [GgufHeader]
/// keeps of a GGUF file; a block `length_extrapolation` is read as if it stood there. Its weights
/// have their own names, as in run folders, so that what is read back has the same bits.
final class TrainedFrom {

  private static final String TYPE_KEY = "model_type";
  private static final String LIBRARY = "base_config";
  private static final String GGUF = "base_gguf";

  private TrainedFrom() {}

  /// What a training began with.
  ///
  /// @param library a header of Hugging Face's library
  /// @param gguf what [GgufHeader] keeps
  record Origin(Optional<ObjectNode> library, Optional<ObjectNode> gguf) {

    /// Nothing: a model that was trained from scratch.
    static final Origin NONE = new Origin(Optional.empty(), Optional.empty());
  }

  /// The header that describes the model of a checkpoint, where it lies inside another.
  static Optional<Checkpoint> inside(Checkpoint checkpoint) {
    if (Container.of(checkpoint) != Container.HUGGING_FACE) {
      return Optional.empty();
    }
    ObjectNode header = checkpoint.header();
    Origin origin = inside(header);
    Path path = checkpoint.path();
    Optional<Checkpoint> inner =
        origin.library.<Checkpoint>map(config -> new HeaderOnly(config, path));
    return inner
        .or(() -> origin.gguf.map(block -> GgufHeader.read(block, path)))
        .map(own -> withMethod(own, header));
  }

  private static Checkpoint withMethod(Checkpoint inner, ObjectNode header) {
    if (header.has(DeclaredMethod.BLOCK)) {
      inner.header().set(DeclaredMethod.BLOCK, header.get(DeclaredMethod.BLOCK));
    }
    return inner;
  }

  private static Origin inside(ObjectNode header) {
    return isOwn(header) ? new Origin(block(header, LIBRARY), block(header, GGUF)) : Origin.NONE;
  }

  private static boolean isOwn(ObjectNode header) {
    return LengthwiseFamily.TYPE.equals(header.path(TYPE_KEY).textValue());
  }

  /// The header of a checkpoint with another one that describes the model: inside, or in its place.
  static ObjectNode withInner(Checkpoint checkpoint, ObjectNode inner) {
    ObjectNode header = checkpoint.header();
    if (inside(header).library.isEmpty()) {
      return inner;
    }
    inner.remove(DeclaredMethod.BLOCK); // it stands outside
    header.set(LIBRARY, inner);
    return header;
  }

  private static Optional<ObjectNode> block(ObjectNode header, String key) {
    return header.path(key) instanceof ObjectNode block
        ? Optional.of(block.deepCopy())
        : Optional.empty();
  }

  /// What a training of the model of a checkpoint begins with. A method of this program is no part
  /// of a header of the library.
  ///
  /// @param spec what the checkpoint describes
  static Origin of(Checkpoint checkpoint, ModelSpec spec) {
    return switch (Container.of(checkpoint)) {
      case LLAMA2C -> Origin.NONE;
      case GGUF ->
          new Origin(
              Optional.empty(), Optional.of(GgufHeader.write(checkpoint, spec.vocabularySize())));
      case HUGGING_FACE -> {
        ObjectNode header = checkpoint.header();
        if (isOwn(header)) {
          yield inside(header);
        }
        header.remove(DeclaredMethod.BLOCK);
        if (Header.hasBareNames(checkpoint)) {
          header.put("tie_word_embeddings", spec.head().tied()); // its tensors said so until now
        }
        yield new Origin(Optional.of(header), Optional.empty());
      }
    };
  }

  /// A header around one of the library.
  ///
  /// @param spec the model whose method stands beside it; `null` where it says that itself
  static ObjectNode aroundLibrary(ObjectNode config, @Nullable ModelSpec spec) {
    return around(LIBRARY, config, spec);
  }

  /// A header around what [GgufHeader] keeps.
  static ObjectNode aroundGguf(ObjectNode block, @Nullable ModelSpec spec) {
    return around(GGUF, block, spec);
  }

  private static ObjectNode around(String key, ObjectNode inner, @Nullable ModelSpec spec) {
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    config.putArray("architectures").add("LengthwiseForCausalLM");
    config.put(TYPE_KEY, LengthwiseFamily.TYPE);
    config.set(key, inner);
    if (spec != null) {
      config.set(DeclaredMethod.BLOCK, MethodJson.write(spec.declared().value()));
    }
    return config;
  }
}

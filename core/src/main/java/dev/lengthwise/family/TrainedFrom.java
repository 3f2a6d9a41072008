package dev.lengthwise.family;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.checkpoint.Checkpoint;
import java.util.Optional;

/// The header of a model that was trained further here, where no header of Hugging Face's library
/// says what it became:
///
///     {"model_type": "lengthwise", "base_config": {"model_type": "gemma2", …},
///      "length_extrapolation": {"method": "log-n", …}}
///
/// `base_config` is the header of the model that it came from; a block `length_extrapolation` is
/// read as if it stood there. Its weights have their own names, as in run folders, so that what is
/// read back has the same bits.
final class TrainedFrom {

  /// The header of the model that the training began with.
  static final String BASE = "base_config";

  private TrainedFrom() {}

  /// The header that describes the model of a checkpoint, where it lies inside another.
  static Optional<Checkpoint> inside(Checkpoint checkpoint) {
    if (Container.of(checkpoint) != Container.HUGGING_FACE) {
      return Optional.empty();
    }
    ObjectNode header = checkpoint.header();
    return base(header)
        .map(
            base -> {
              if (header.has(DeclaredMethod.BLOCK)) {
                base.set(DeclaredMethod.BLOCK, header.get(DeclaredMethod.BLOCK));
              }
              return new HeaderOnly(base, checkpoint.path());
            });
  }

  /// A copy of the header inside another.
  static Optional<ObjectNode> base(ObjectNode header) {
    return LengthwiseFamily.TYPE.equals(header.path("model_type").textValue())
            && header.path(BASE) instanceof ObjectNode inner
        ? Optional.of(inner.deepCopy())
        : Optional.empty();
  }

  /// The header of Hugging Face's library that a checkpoint began with, if it has one: without a
  /// method of this program, which is no part of it.
  static Optional<ObjectNode> origin(Checkpoint checkpoint) {
    if (Container.of(checkpoint) != Container.HUGGING_FACE) {
      return Optional.empty();
    }
    ObjectNode header = checkpoint.header();
    if (LengthwiseFamily.TYPE.equals(header.path("model_type").textValue())) {
      return base(header);
    }
    header.remove(DeclaredMethod.BLOCK);
    return Optional.of(header);
  }
}

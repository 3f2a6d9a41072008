package dev.lengthwise.family;

import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.ModelWeights;
import dev.lengthwise.position.MethodReader;

/// A family of models: how headers become a [ModelSpec] and tensors the weights of a decoder.
///
/// Whatever is wrong with a checkpoint is a [dev.lengthwise.LengthwiseException].
public interface Family {

  /// Its name, as [ModelSpec#family] shows it.
  String name();

  /// Whether the header names a model of this family.
  boolean matches(Checkpoint checkpoint);

  /// The architecture that the header describes, with its own position method.
  ///
  /// @param methods makes a method from the text of the checkpoint's declaration
  ModelSpec spec(Checkpoint checkpoint, MethodReader methods);

  /// The weights, with outputs of query and key projections in half-split rotary layout: as they
  /// lie in the file where the layers are Llama's, else as tensors by name.
  ///
  /// @param tensors the tensors of `checkpoint`, checked as they are read
  /// @param spec what [#spec] gave
  ModelWeights weights(Checkpoint checkpoint, ModelSpec spec, WeightReader tensors);
}

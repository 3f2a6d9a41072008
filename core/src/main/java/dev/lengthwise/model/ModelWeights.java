package dev.lengthwise.model;

import java.util.List;

/// The weights of a decoder, in one of two forms: as they lie in a file, for inference of
/// Llama-shaped models; as libtorch's tensors, for training and for every other architecture.
public sealed interface ModelWeights permits DecoderWeights, NamedWeights {

  /// Every projection that a token goes through, that to logits last.
  List<Linear> projections();

  /// Whether there is a projection to logits.
  boolean hasHead();
}

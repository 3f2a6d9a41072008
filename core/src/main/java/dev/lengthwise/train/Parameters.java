package dev.lengthwise.train;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.SafetensorsFile;
import dev.lengthwise.checkpoint.SafetensorsWriter;
import dev.lengthwise.checkpoint.TensorEntry;
import dev.lengthwise.model.Decoder;
import dev.lengthwise.model.DecoderTensors;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.NamedWeights;
import dev.lengthwise.model.WeightTensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// The f32 master weights of a decoder under the names of [DecoderTensors].
///
/// They outlive every `PointerScope`, until [#close].
final class Parameters implements AutoCloseable {

  private final ModelSpec spec;
  private final Map<String, Tensor> tensors;

  private Parameters(ModelSpec spec, Map<String, Tensor> tensors) {
    this.spec = spec;
    this.tensors = Collections.unmodifiableMap(tensors);
  }

  /// Fresh weights, as [FirstWeights] says. The same seed gives the same weights.
  ///
  /// @param tied whether the embedding is the head as well
  static Parameters random(ModelSpec spec, boolean tied, long seed) {
    FirstWeights first = new FirstWeights(spec);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    int place = 0;
    for (WeightTensor tensor : DecoderTensors.of(spec, tied)) {
      float[] values = first.of(tensor, new CounterRandom(~seed, place));
      tensors.put(tensor.name(), leaf(values, tensor.dimensions()));
      place++;
    }
    return new Parameters(spec, tensors);
  }

  /// The weights of a safetensors file; [LengthwiseException] when a tensor is missing or of
  /// another shape.
  static Parameters read(ModelSpec spec, boolean tied, Path file) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    try (SafetensorsFile checkpoint = SafetensorsFile.open(file)) {
      for (WeightTensor tensor : DecoderTensors.of(spec, tied)) {
        TensorEntry entry = checkpoint.tensor(tensor.name());
        if (!Arrays.equals(entry.shape(), tensor.dimensions())) {
          throw new LengthwiseException(
              "Tensor \"%s\" of %s has the shape %s; the configuration needs %s."
                  .formatted(tensor.name(), file, Arrays.toString(entry.shape()), tensor.shape()));
        }
        tensors.put(tensor.name(), leaf(entry.toFloats(), tensor.dimensions()));
      }
    }
    return new Parameters(spec, tensors);
  }

  private static Tensor leaf(float[] values, long[] shape) {
    try (PointerScope _ = new PointerScope()) {
      Tensor tensor = Tensor.create(values, shape);
      tensor.set_requires_grad(true);
      tensor.retainReference();
      return tensor;
    }
  }

  /// Every weight by name.
  Map<String, Tensor> tensors() {
    return tensors;
  }

  /// Every weight, in the order of [#tensors].
  TensorVector vector() {
    return new TensorVector(tensors.values().toArray(new Tensor[0]));
  }

  /// Weights with two dimensions, or the others.
  TensorVector vector(boolean matrices) {
    return new TensorVector(
        tensors.values().stream()
            .filter(tensor -> tensor.dim() == 2 == matrices)
            .toArray(Tensor[]::new));
  }

  /// Number of trained numbers.
  long count() {
    return tensors.values().stream().mapToLong(Tensor::numel).sum();
  }

  /// The sum of all weights: not finite when any weight is not.
  double sum() {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      double sum = 0;
      for (Tensor tensor : tensors.values()) {
        sum += tensor.sum().item_double();
      }
      return sum;
    }
  }

  /// A decoder whose matrix products run in `type`; gradients flow to the master weights.
  Decoder decoder(ScalarType type) {
    return new Decoder(spec, new NamedWeights(spec, tensors, type));
  }

  /// Writes the weights as safetensors of `type`.
  void write(Path file, ScalarType type) {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      Map<String, Tensor> stored = new LinkedHashMap<>();
      tensors.forEach((name, tensor) -> stored.put(name, tensor.detach().to(type)));
      SafetensorsWriter.writeTensors(file, SafetensorsWriter.TORCH_METADATA, stored);
    }
  }

  /// Frees the weights.
  @Override
  public void close() {
    tensors.values().forEach(Tensor::releaseReference);
  }
}

package dev.lengthwise.train;

import dev.lengthwise.checkpoint.safetensors.SafetensorsWriter;
import dev.lengthwise.encode.PairScorer;
import dev.lengthwise.model.WeightRole;
import dev.lengthwise.parallel.CounterRandom;
import dev.lengthwise.train.match.PairLosses;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/// The layer that tells the classes of pairs apart, in training. It outlives every `PointerScope`,
/// until it is closed.
///
/// @param weight `[classes, inputs]`
/// @param bias `[classes]`
record PairHead(Tensor weight, Tensor bias) implements AutoCloseable {

  private static final String WEIGHT = "pair_head.weight";
  private static final String BIAS = "pair_head.bias";

  /// Uniform weights within `±1/√inputs`, as PyTorch's linear layers begin, and no bias.
  static PairHead random(int classes, int inputs, long seed) {
    double bound = 1 / Math.sqrt(inputs);
    CounterRandom random = new CounterRandom(seed, 0);
    float[] numbers = new float[classes * inputs];
    for (int n = 0; n < numbers.length; n++) {
      numbers[n] = (float) ((2 * random.nextDouble() - 1) * bound);
    }
    try (PointerScope _ = new PointerScope()) {
      return new PairHead(
          kept(Tensor.create(numbers, classes, inputs)), kept(Tensor.create(new float[classes])));
    }
  }

  private static Tensor kept(Tensor tensor) {
    tensor.set_requires_grad(true);
    return tensor.retainReference();
  }

  /// Its tensors by name.
  Map<String, Tensor> tensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put(WEIGHT, weight);
    tensors.put(BIAS, bias);
    return tensors;
  }

  /// What its tensors are for.
  static Map<String, WeightRole> roles() {
    return Map.of(WEIGHT, WeightRole.MATRIX, BIAS, WeightRole.BIAS);
  }

  PairLosses.Head head() {
    return new PairLosses.Head(weight, bias);
  }

  void write(Path folder) {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      Map<String, Tensor> stored = new LinkedHashMap<>();
      tensors().forEach((name, tensor) -> stored.put(name, tensor.detach()));
      SafetensorsWriter.writeTensors(
          folder.resolve(PairScorer.HEAD), SafetensorsWriter.TORCH_METADATA, stored);
    }
  }

  @Override
  public void close() {
    weight.releaseReference();
    bias.releaseReference();
  }
}

package dev.lengthwise.bench;

import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.train.SyntheticTraining;

/// One training step: forward and backward passes of all its windows, and the move of the weights.
///
/// A token costs `6 · weights` operations, those of the head included, and `12 · head size · heads`
/// for each pair that sees each other: two and four times that of the forward pass.
public final class Training implements Benchmark {

  private final SyntheticTraining training;
  private final Work work;

  /// Steps of `size`.
  ///
  /// @param bf16 whether matrix products run in bf16
  public Training(ModelSpec spec, SyntheticTraining.Size size, boolean bf16) {
    this.training = new SyntheticTraining(spec, size, bf16);
    this.work = new Work(training.tokens(), training.tokens() * operations(spec, size), 0);
  }

  // Of a token, under plain causal attention.
  private static double operations(ModelSpec spec, SyntheticTraining.Size size) {
    ModelShape shape = spec.shape();
    double weights =
        shape.layers()
                * ModelWork.layerProducts(spec).stream()
                    .mapToDouble(product -> (double) product.inputs() * product.outputs())
                    .sum()
            + (double) spec.hiddenSize() * spec.vocabularySize();
    double seen = (size.length() + 1) / 2.0;
    return 6 * weights + 12.0 * shape.layers() * shape.heads() * shape.headSize() * seen;
  }

  @Override
  public Work work() {
    return work;
  }

  @Override
  public void run() {
    training.step();
  }

  @Override
  public void close() {
    training.close();
  }
}

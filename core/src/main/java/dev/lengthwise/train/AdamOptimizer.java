package dev.lengthwise.train;

import dev.lengthwise.LengthwiseException;
import java.nio.file.Path;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.InputArchive;
import org.bytedeco.pytorch.OptimizerParamGroup;
import org.bytedeco.pytorch.OptimizerParamGroupVector;
import org.bytedeco.pytorch.OutputArchive;
import org.bytedeco.pytorch.TensorVector;

/// libtorch's AdamW over two groups: matrices, which decay, and gains, which do not.
final class AdamOptimizer implements AutoCloseable {

  private final AdamW adam;

  AdamOptimizer(Parameters parameters, TrainConfig.Optimizer settings) {
    try (PointerScope _ = new PointerScope()) {
      OptimizerParamGroup matrices = new OptimizerParamGroup(parameters.vector(true));
      matrices.set_options(options(settings, settings.weightDecay()));
      OptimizerParamGroup gains = new OptimizerParamGroup(parameters.vector(false));
      gains.set_options(options(settings, 0));
      adam = new AdamW(new TensorVector(), options(settings, 0));
      adam.add_param_group(matrices);
      adam.add_param_group(gains);
      adam.retainReference();
    }
  }

  private static AdamWOptions options(TrainConfig.Optimizer settings, double weightDecay) {
    AdamWOptions options = new AdamWOptions(0);
    DoublePointer betas = options.betas();
    betas.put(0, settings.beta1());
    betas.put(1, settings.beta2());
    options.eps().put(settings.epsilon());
    options.weight_decay().put(weightDecay);
    return options;
  }

  /// Moves the weights by their gradients.
  void step(double learningRate) {
    OptimizerParamGroupVector groups = adam.param_groups();
    for (long group = 0; group < groups.size(); group++) {
      groups.get(group).options().set_lr(learningRate);
    }
    adam.step();
  }

  /// Writes the means and mean squares.
  void write(Path file) {
    try (PointerScope _ = new PointerScope()) {
      OutputArchive archive = new OutputArchive();
      adam.save(archive);
      archive.save_to(file.toString());
    }
  }

  /// Reads what [#write] wrote.
  void read(Path file) {
    try (PointerScope _ = new PointerScope()) {
      InputArchive archive = new InputArchive();
      archive.load_from(file.toString());
      adam.load(archive);
    } catch (RuntimeException e) {
      throw new LengthwiseException(
          "File " + file + " is no optimiser state of this model; resume from another checkpoint.",
          e);
    }
  }

  @Override
  public void close() {
    adam.releaseReference();
  }
}

package dev.lengthwise.train.optimise;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.AtomicFile;
import dev.lengthwise.model.WeightRole;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.InputArchive;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.OptimizerParamGroup;
import org.bytedeco.pytorch.OptimizerParamGroupVector;
import org.bytedeco.pytorch.OutputArchive;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// libtorch's AdamW over two groups: matrices, which decay, and gains and biases, which do not.
///
/// A gradient that is not finite moves nothing.
final class AdamOptimizer implements Optimizer {

  private final OptimizerSettings.AdamW settings;
  private final List<Tensor> weights;
  private final AdamW adam;
  private boolean started; // whether this step has gradients

  AdamOptimizer(
      Map<String, Tensor> weights,
      Map<String, WeightRole> roles,
      OptimizerSettings.AdamW settings) {
    this.settings = settings;
    this.weights = List.copyOf(weights.values());
    try (PointerScope _ = new PointerScope()) {
      adam = new AdamW(new TensorVector(), options(0));
      adam.add_param_group(group(members(weights, roles, true), settings.weightDecay()));
      adam.add_param_group(group(members(weights, roles, false), 0));
      adam.retainReference();
    }
  }

  private static Tensor[] members(
      Map<String, Tensor> weights, Map<String, WeightRole> roles, boolean matrices) {
    return weights.entrySet().stream()
        .filter(entry -> Optimizer.role(roles, entry.getKey()).isMatrix() == matrices)
        .map(Map.Entry::getValue)
        .toArray(Tensor[]::new);
  }

  private OptimizerParamGroup group(Tensor[] members, double weightDecay) {
    OptimizerParamGroup group = new OptimizerParamGroup(new TensorVector(members));
    group.set_options(options(weightDecay));
    return group;
  }

  private AdamWOptions options(double weightDecay) {
    AdamWOptions options = new AdamWOptions(0);
    DoublePointer betas = options.betas();
    betas.put(0, settings.beta1());
    betas.put(1, settings.beta2());
    options.eps().put(settings.epsilon());
    options.weight_decay().put(weightDecay);
    return options;
  }

  @Override
  public void add(TensorVector gradients) {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      for (int index = 0; index < weights.size(); index++) {
        Tensor sum = weights.get(index).mutable_grad();
        if (started) {
          sum.add_(gradients.get(index));
        } else {
          sum.put(gradients.get(index));
        }
      }
    }
    started = true;
  }

  @Override
  public double step(double learningRate) {
    started = false;
    try (PointerScope _ = new PointerScope()) {
      TensorVector all = new TensorVector(weights.toArray(new Tensor[0]));
      double norm = torch.clip_grad_norm_(all, settings.clip(), 2, false);
      if (Double.isFinite(norm)) {
        OptimizerParamGroupVector groups = adam.param_groups();
        for (long group = 0; group < groups.size(); group++) {
          groups.get(group).options().set_lr(learningRate);
        }
        adam.step();
      }
      weights.forEach(weight -> weight.mutable_grad().put(new Tensor()));
      return norm;
    }
  }

  @Override
  public int toleratedSteps() {
    return 0;
  }

  @Override
  public void write(Path file) {
    AtomicFile.write(file, this::writeTo);
  }

  /// Writes the state.
  void writeTo(WritableByteChannel channel) throws IOException {
    try (PointerScope _ = new PointerScope()) {
      OutputArchive archive = new OutputArchive();
      adam.save(archive);
      ChannelWriter.write(archive, channel);
    }
  }

  @Override
  public void read(Path file) {
    try (PointerScope _ = new PointerScope()) {
      InputArchive archive = new InputArchive();
      // To where the weights are, which need not be where the state was written.
      archive.load_from(file.toString(), new DeviceOptional(weights.getFirst().device()));
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

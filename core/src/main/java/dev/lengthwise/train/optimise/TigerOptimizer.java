package dev.lengthwise.train.optimise;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.TensorEntry;
import dev.lengthwise.checkpoint.safetensors.SafetensorsFile;
import dev.lengthwise.checkpoint.safetensors.SafetensorsWriter;
import dev.lengthwise.model.WeightRole;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// Tiger (Su, kexue.fm 9512): `m ← β m + (1 − β) g`, `θ ← θ − η (sign m + λ θ)`, with `m = 0` at
/// the start and no correction of its bias.
///
/// `η` depends on the [WeightRole]: the learning rate times the root mean square of a matrix, or of
/// each row of the embedding; half the learning rate, and `λ = 0`, for gains and biases. So a
/// matrix of zeros never moves.
///
/// Gradients of micro-batches go straight into `m`, which is the only memory beside the weights:
/// the first one of a step multiplies it by `β`, each adds `1 − β` times its part of the gradient.
/// That is Tiger on the whole batch.
///
/// A gradient that is not finite leaves `m` alone, and at the end of its step the weight shrinks in
/// place of moving: `θ ← c + 0.99 (θ − c)`, `c = 1` for gains, otherwise 0. (The original tests for
/// NaN only; an infinite gradient would stay in `m` for ever.)
final class TigerOptimizer implements Optimizer {

  private static final double SHRINK = 0.99;

  private final OptimizerSettings.Tiger settings;
  private final List<Slot> slots = new ArrayList<>();
  private double gradientNorm; // of the step so far

  /// A weight, its mean, and what happened to it in the step so far.
  private static final class Slot {
    private final String name;
    private final WeightRole role;
    private final Tensor weight;
    private final Tensor mean;
    private boolean decayed;
    private boolean finite = true;

    private Slot(String name, WeightRole role, Tensor weight) {
      this.name = name;
      this.role = role;
      this.weight = weight;
      try (PointerScope _ = new PointerScope()) {
        mean = torch.zeros_like(weight).retainReference();
      }
    }
  }

  TigerOptimizer(
      Map<String, Tensor> weights,
      Map<String, WeightRole> roles,
      OptimizerSettings.Tiger settings) {
    this.settings = settings;
    weights.forEach(
        (name, weight) -> slots.add(new Slot(name, Optimizer.role(roles, name), weight)));
  }

  /// The sum of the norms of the micro-batches is the norm of a step here, since their gradients
  /// are not kept.
  @Override
  public void add(TensorVector gradients) {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      double squares = 0;
      for (int index = 0; index < slots.size(); index++) {
        double norm = add(slots.get(index), gradients.get(index));
        squares += norm * norm;
      }
      gradientNorm += Math.sqrt(squares);
    }
  }

  private double add(Slot slot, Tensor gradient) {
    double norm = gradient.norm().item_double();
    if (!Double.isFinite(norm)) {
      slot.finite = false;
      return norm;
    }
    if (!slot.decayed) {
      slot.mean.mul_(new Scalar(settings.beta()));
      slot.decayed = true;
    }
    slot.mean.add_(gradient, new Scalar(1 - settings.beta()));
    return norm;
  }

  @Override
  public double step(double learningRate) {
    try (NoGradGuard _ = new NoGradGuard()) {
      for (Slot slot : slots) {
        try (PointerScope _ = new PointerScope()) {
          if (slot.finite) {
            move(slot, learningRate);
          } else {
            shrink(slot);
          }
        }
        slot.decayed = false;
        slot.finite = true;
      }
    }
    double norm = gradientNorm;
    gradientNorm = 0;
    return norm;
  }

  private void move(Slot slot, double learningRate) {
    Tensor weight = slot.weight;
    Tensor change = slot.mean.sign();
    if (slot.role.isMatrix()) {
      change.add_(weight, new Scalar(settings.weightDecay())).mul_(rootMeanSquare(slot));
    } else {
      change.mul_(new Scalar(0.5));
    }
    weight.sub_(change, new Scalar(learningRate));
  }

  // [rows, 1] or [1]
  private static Tensor rootMeanSquare(Slot slot) {
    Tensor squares = slot.weight.square();
    Tensor mean =
        slot.role == WeightRole.EMBEDDING
            ? squares.mean(new long[] {-1}, true, new ScalarTypeOptional())
            : squares.mean();
    return mean.sqrt();
  }

  private static void shrink(Slot slot) {
    double centre = slot.role == WeightRole.GAIN ? 1 : 0;
    slot.weight.mul_(new Scalar(SHRINK)).add_(new Scalar((1 - SHRINK) * centre));
  }

  @Override
  public int toleratedSteps() {
    return settings.toleratedSteps();
  }

  @Override
  public void write(Path file) {
    try (PointerScope _ = new PointerScope()) {
      Map<String, Tensor> means = new LinkedHashMap<>();
      slots.forEach(slot -> means.put(slot.name, slot.mean.cpu()));
      SafetensorsWriter.writeTensors(file, Map.of("optimizer", "tiger"), means);
    }
  }

  @Override
  public void read(Path file) {
    try (SafetensorsFile stored = SafetensorsFile.open(file);
        PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      for (Slot slot : slots) {
        TensorEntry entry = stored.tensor(slot.name);
        Tensor mean = entry.toTensor();
        if (!Arrays.equals(mean.shape(), slot.weight.shape())) {
          throw new LengthwiseException(
              "File %s: the mean of \"%s\" has the shape %s, the weight %s; resume from another"
                      .formatted(
                          file,
                          slot.name,
                          Arrays.toString(mean.shape()),
                          Arrays.toString(slot.weight.shape()))
                  + " checkpoint.");
        }
        slot.mean.copy_(mean);
      }
    }
  }

  @Override
  public void close() {
    slots.forEach(slot -> slot.mean.releaseReference());
  }
}

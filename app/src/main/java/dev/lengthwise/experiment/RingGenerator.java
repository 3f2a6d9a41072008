package dev.lengthwise.experiment;

import dev.lengthwise.model.WeightRole;
import dev.lengthwise.train.optimise.Optimizer;
import dev.lengthwise.train.optimise.OptimizerSettings;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// A small generator: two hidden layers turn normal latents into points of the plane, which shall
/// lie in eight clusters on a circle.
///
/// It is trained by the energy distance of its points `x` and those of the clusters `y`,
/// `2 E|x − y| − E|x − x'| − E|y − y'|`, which needs no second network.
///
/// Source: M. Bellemare et al. 2017, "The Cramer distance as a solution to biased Wasserstein
/// gradients", arXiv 1705.10743, section 4.
final class RingGenerator implements AutoCloseable {

  /// Numbers of a latent.
  static final int LATENT = 32;

  /// Clusters on the circle of radius 1.
  static final int CLUSTERS = 8;

  private static final int INNER = 64;
  private static final int BATCH = 128;
  private static final double WIDTH = 0.05;
  private static final double RATE = 2e-3;
  private static final double SMALLEST = 1e-12;

  private final Map<String, Tensor> weights = new LinkedHashMap<>();
  private final Optimizer optimizer;
  private final SplittableRandom random;

  /// @param seed decides weights, latents and points
  RingGenerator(long seed) {
    random = new SplittableRandom(seed);
    layer("first", LATENT, INNER);
    layer("second", INNER, INNER);
    layer("last", INNER, 2);
    Map<String, WeightRole> roles = new LinkedHashMap<>();
    weights.keySet().forEach(name -> roles.put(name, WeightRole.BIAS));
    optimizer = Optimizer.of(new OptimizerSettings.AdamW(0, 0.9, 0.99, 1e-8, 1), weights, roles);
  }

  private void layer(String name, int inputs, int outputs) {
    put(name, normal(inputs * outputs, 1 / Math.sqrt(inputs)), inputs, outputs);
    put(name + " bias", new float[outputs], outputs);
  }

  private void put(String name, float[] numbers, long... shape) {
    try (PointerScope _ = new PointerScope()) {
      Tensor tensor = Tensor.create(numbers, shape);
      tensor.set_requires_grad(true);
      weights.put(name, tensor.retainReference());
    }
  }

  private float[] normal(int count, double deviation) {
    float[] numbers = new float[count];
    for (int n = 0; n < count; n++) {
      numbers[n] = (float) (deviation * random.nextGaussian());
    }
    return numbers;
  }

  /// Points of the clusters, `[count, 2]`.
  float[] data(int count) {
    float[] points = normal(2 * count, WIDTH);
    for (int n = 0; n < count; n++) {
      double angle = 2 * Math.PI * random.nextInt(CLUSTERS) / CLUSTERS;
      points[2 * n] += (float) Math.cos(angle);
      points[2 * n + 1] += (float) Math.sin(angle);
    }
    return points;
  }

  /// Trains on one thread, since its tensors are small; the distance of the last step.
  double train(int steps) {
    int before = torch.get_num_threads();
    torch.set_num_threads(1);
    try {
      return trained(steps);
    } finally {
      torch.set_num_threads(before);
    }
  }

  private double trained(int steps) {
    double loss = 0;
    for (int step = 0; step < steps; step++) {
      try (PointerScope _ = new PointerScope()) {
        Tensor points = points(Tensor.create(normal(BATCH * LATENT, 1), BATCH, LATENT));
        Tensor data = Tensor.create(data(BATCH), BATCH, 2);
        Tensor own = distance(points, points).add(distance(data, data));
        Tensor energy = distance(points, data).mul(new Scalar(2.0)).sub(own);
        TensorVector all = new TensorVector(weights.values().toArray(new Tensor[0]));
        optimizer.add(
            torch.grad(
                new TensorVector(energy),
                all,
                new TensorVector(),
                new BoolOptional(),
                false,
                false));
        optimizer.step(RATE * (1 - (double) step / steps));
        loss = energy.item_double();
      }
    }
    return loss;
  }

  // The mean over all pairs of rows.
  private static Tensor distance(Tensor left, Tensor right) {
    return left.unsqueeze(1)
        .sub(right.unsqueeze(0))
        .square()
        .sum(2)
        .add(new Scalar(SMALLEST))
        .sqrt()
        .mean();
  }

  private Tensor points(Tensor latents) {
    Tensor first = torch.tanh(applied("first", latents));
    return applied("last", torch.tanh(applied("second", first)));
  }

  private Tensor applied(String name, Tensor inputs) {
    return inputs.matmul(weight(name)).add(weight(name + " bias"));
  }

  private Tensor weight(String name) {
    Tensor tensor = weights.get(name);
    if (tensor == null) {
      throw new IllegalStateException("no weight " + name);
    }
    return tensor;
  }

  /// The points of latents, `[count, 2]`.
  ///
  /// @param latents `[count, LATENT]`
  float[] generate(float[] latents) {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      int count = latents.length / LATENT;
      float[] result = new float[2 * count];
      Tensor points = points(Tensor.create(latents, count, LATENT)).contiguous();
      points.<FloatBuffer>createBuffer().get(result);
      return result;
    }
  }

  @Override
  public void close() {
    optimizer.close();
    weights.values().forEach(Tensor::releaseReference);
  }
}

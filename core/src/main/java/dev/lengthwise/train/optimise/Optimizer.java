package dev.lengthwise.train.optimise;

import dev.lengthwise.model.WeightRole;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/// Moves weights by their gradients: a step is some calls of [#add], then one of [#step].
public sealed interface Optimizer extends AutoCloseable permits AdamOptimizer, TigerOptimizer {

  /// The optimiser that `settings` choose.
  ///
  /// @param weights by name
  /// @param roles what each of them is for
  static Optimizer of(
      OptimizerSettings settings, Map<String, Tensor> weights, Map<String, WeightRole> roles) {
    return switch (settings) {
      case OptimizerSettings.AdamW adam -> new AdamOptimizer(weights, roles, adam);
      case OptimizerSettings.Tiger tiger -> new TigerOptimizer(weights, roles, tiger);
    };
  }

  /// What the weight `name` is for.
  static WeightRole role(Map<String, WeightRole> roles, String name) {
    WeightRole role = roles.get(name);
    if (role == null) {
      throw new IllegalArgumentException("no role is known of weight " + name);
    }
    return role;
  }

  /// Adds the gradients of the next micro-batch of the step, in the order of the weights. The sum
  /// over a step is the gradient of its loss.
  void add(TensorVector gradients);

  /// Moves the weights, and starts the next step.
  ///
  /// @return norm of the gradient of the step
  double step(double learningRate);

  /// Steps in a row with a gradient that is not finite, which the weights survive.
  int toleratedSteps();

  /// Writes the state between two steps; [dev.lengthwise.LengthwiseException] when that fails.
  void write(Path file);

  /// Reads what [#write] wrote, with every bit; [dev.lengthwise.LengthwiseException] when the file
  /// is no state of these weights.
  void read(Path file);

  @Override
  void close();
}

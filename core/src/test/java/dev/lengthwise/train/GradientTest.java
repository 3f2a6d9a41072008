package dev.lengthwise.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.attention.KeyValueRows;
import dev.lengthwise.attention.QueryRows;
import dev.lengthwise.attention.TorchAttention;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Rope;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.position.PositionMethod;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.assertj.core.data.Offset;
import org.assertj.core.data.Percentage;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Gradients through the attention engine, against differences of its output.
class GradientTest {

  private static final double STEP = 1e-5;
  private static final ModelShape SHAPE = new ModelShape(1, 4, 2, 6, 4, 100, 8);

  @ParameterizedTest
  @ValueSource(strings = {"rope", "leaky-rerope:window=3,factor=4", "alibi", "log-n"})
  void gradientsAreThoseOfFiniteDifferences(String method) {
    try (PointerScope _ = new PointerScope()) {
      torch.manual_seed(5);
      PositionMethod chosen = new MethodParser(SHAPE, new Rope()).parse(method);
      PlanFunction plans = new PlanFunction(SHAPE, new Rope(), chosen);
      List<Tensor> inputs = new ArrayList<>();
      for (long heads : new long[] {4, 2, 2}) {
        Tensor input = torch.randn(2, 7, heads, 6).to(ScalarType.Double);
        input.set_requires_grad(true);
        inputs.add(input);
      }
      Tensor weight = torch.randn(2, 7, 4, 6).to(ScalarType.Double);
      TensorVector gradients =
          torch.grad(
              new TensorVector(value(plans, inputs, weight)),
              new TensorVector(inputs.toArray(new Tensor[0])));

      for (int input = 0; input < inputs.size(); input++) {
        for (long element = 0; element < inputs.get(input).numel(); element += 5) {
          double expected = difference(plans, inputs, weight, input, element);
          double found = at(gradients.get(input).contiguous(), element);
          assertThat(found)
              .describedAs("%s: input %d, element %d", method, input, element)
              .isCloseTo(expected, Offset.offset(1e-7));
        }
      }
    }
  }

  /// The decoder runs in f32, so its gradient is tested as a whole: a small step against it lowers
  /// the loss by the step times its squared length.
  @ParameterizedTest
  @ValueSource(strings = {"rope", "leaky-rerope:window=3,factor=4"})
  void stepAgainstTheGradientLowersTheLossByItsLength(String method) {
    TrainConfig config = TinyTraining.config(1, 1);
    ModelSpec spec = ModelExport.specOf(config, TinyTraining.ROPE);
    PositionMethod chosen = new MethodParser(spec.shape(), TinyTraining.ROPE).parse(method);
    long[] ids = new long[2 * 17];
    Arrays.setAll(ids, index -> (index * 37L) % 300);
    try (Parameters parameters = Parameters.random(spec, true, 3);
        PointerScope _ = new PointerScope()) {
      TrainedModel model = new TrainedModel(spec, parameters, chosen, ScalarType.Float);
      TorchAttention attention = new TorchAttention();
      TrainedModel.Pass pass = model.pass(ids, 2, 1, attention);
      Tensor[] gradients = pass.gradients().get();
      double squared = 0;
      for (Tensor gradient : gradients) {
        squared += gradient.to(ScalarType.Double).square().sum().item_double();
      }
      double step = 0.02 / squared;
      double above =
          movedLoss(parameters, gradients, step, () -> model.evaluate(ids, 2, attention));
      double below =
          movedLoss(parameters, gradients, -2 * step, () -> model.evaluate(ids, 2, attention));
      assertThat((above - below) / (2 * step)).isCloseTo(squared, Percentage.withPercentage(1));
      pass.gradients().releaseReference();
    }
  }

  private static double movedLoss(
      Parameters parameters, Tensor[] gradients, double step, DoubleSupplier loss) {
    try (NoGradGuard _ = new NoGradGuard()) {
      int index = 0;
      for (Tensor parameter : parameters.tensors().values()) {
        parameter.add_(gradients[index++].mul(new Scalar(step)));
      }
    }
    return loss.getAsDouble();
  }

  private static double difference(
      PlanFunction plans, List<Tensor> inputs, Tensor weight, int input, long element) {
    double[] values = new double[2];
    for (int side = 0; side < 2; side++) {
      List<Tensor> moved = new ArrayList<>(inputs);
      Tensor copy = inputs.get(input).detach().clone();
      DoublePointer data = copy.data_ptr_double();
      data.put(element, data.get(element) + (side == 0 ? -STEP : STEP));
      moved.set(input, copy);
      values[side] = value(plans, moved, weight).item_double();
    }
    return (values[1] - values[0]) / (2 * STEP);
  }

  private static double at(Tensor tensor, long element) {
    return tensor.data_ptr_double().get(element);
  }

  private static Tensor value(PlanFunction plans, List<Tensor> inputs, Tensor weight) {
    return new TorchAttention()
        .attend(
            plans.plan(0, 7),
            new QueryRows(inputs.get(0), 0),
            KeyValueRows.fromStart(inputs.get(1), inputs.get(2)))
        .mul(weight)
        .sum();
  }
}

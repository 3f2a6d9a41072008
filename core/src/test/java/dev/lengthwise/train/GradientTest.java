package dev.lengthwise.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.attention.KeyValueRows;
import dev.lengthwise.attention.QueryRows;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.method.Coca;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Rope;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.LearnedParameter;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.torch.ComputeDevice;
import dev.lengthwise.train.data.WindowBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.ToDoubleFunction;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Gradients through the attention engine, for queries, keys, values and what the position method
/// learns, against differences of its output.
class GradientTest {

  private static final double STEP = 1e-5;
  private static final ModelShape SHAPE = new ModelShape(1, 4, 2, 6, 4, 100, 8);
  private static final ModelShape WHOLE = new ModelShape(1, 4, 2, 6, 6, 100, 8);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rope",
        "leaky-rerope:window=3,factor=4",
        "alibi",
        "log-n",
        "kerple:kind=log",
        "kerple:kind=power",
        "kerple:kind=power+leaky-rerope:window=3,factor=4",
        "sandwich:channels=6",
        "t5:buckets=4,distance=6",
        "fire:width=5,threshold=4",
        "fire:width=5,threshold=4+lm-infinite:local=3,global=2",
        "key-norm",
        "query-norm+log-n:minimum=0",
        "cosine",
        "cosine:dynamic=true",
        "coca",
        "coca:variant=slack",
        "coca:variant=slack+rerope:window=2+log-n:minimum=0",
        "xpos:scale=3",
        "xpos:scale=3+rerope:window=2",
        "inverse-leaky:window=3,factor=4",
        "random-positions:max=50",
        "random-positions:kind=exponential"
      })
  void gradientsAreThoseOfFiniteDifferences(String method) {
    ModelShape shape = method.startsWith("coca") ? WHOLE : SHAPE;
    PositionMethod chosen = new MethodParser(shape, new Rope()).parse(method).training().drawn(7);
    assertGradients(plan(shape, chosen), chosen);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"rope", "kerple:kind=power+leaky-rerope:window=3,factor=4", "log-n", "coca"})
  void bidirectionalGradientsAreThoseOfFiniteDifferences(String method) {
    PositionMethod chosen = new MethodParser(WHOLE, new Rope()).parse(method);
    assertGradients(plan(WHOLE, chosen).bidirectional(7), chosen);
  }

  private static AttentionPlan plan(ModelShape shape, PositionMethod chosen) {
    return new PlanFunction(shape, new Rope(), chosen).plan(0, 7);
  }

  private static void assertGradients(AttentionPlan plan, PositionMethod chosen) {
    try (PointerScope _ = new PointerScope()) {
      torch.manual_seed(5);
      List<Tensor> inputs = new ArrayList<>();
      for (long heads : new long[] {4, 2, 2}) {
        Tensor input = torch.randn(2, 7, heads, 6).to(ScalarType.Double);
        input.set_requires_grad(true);
        inputs.add(input);
      }
      for (LearnedParameter learned : chosen.weights(SHAPE)) {
        Tensor input = Tensor.create(learned.initial(1), learned.shape());
        input.set_requires_grad(true);
        inputs.add(input);
      }
      Tensor weight = torch.randn(2, 7, 4, 6).to(ScalarType.Double);
      ToDoubleFunction<List<Tensor>> values =
          moved -> value(plan, chosen, moved, weight).item_double();
      TensorVector gradients =
          torch.grad(
              new TensorVector(value(plan, chosen, inputs, weight)),
              new TensorVector(inputs.toArray(new Tensor[0])));

      for (int input = 0; input < inputs.size(); input++) {
        for (long element = 0; element < inputs.get(input).numel(); element += input < 3 ? 5 : 1) {
          double expected = difference(values, inputs, input, element);
          double found = at(gradients.get(input).contiguous(), element);
          assertThat(found)
              .describedAs("%s: input %d, element %d", chosen.name(), input, element)
              .isCloseTo(expected, Offset.offset(5e-7));
        }
      }
    }
  }

  /// With `q_j = q_{j+d/2}` both variants of CoCA have the same scores, but not the same slopes.
  @Test
  void collinearVariantsHaveTheirOwnGradientsWhereTheyAgree() {
    try (PointerScope _ = new PointerScope()) {
      torch.manual_seed(6);
      Tensor half = torch.randn(1, 7, 4, 3).to(ScalarType.Double);
      Tensor queries = torch.cat(new TensorVector(half, half), 3);
      queries.set_requires_grad(true);
      Tensor keys = torch.randn(1, 7, 2, 6).to(ScalarType.Double);
      Tensor values = torch.randn(1, 7, 2, 6).to(ScalarType.Double);
      Tensor weight = torch.randn(1, 7, 4, 6).to(ScalarType.Double);
      List<Tensor> outputs = new ArrayList<>();
      List<Tensor> gradients = new ArrayList<>();
      for (boolean slack : new boolean[] {false, true}) {
        PositionMethod coca = new Coca(slack);
        Tensor value = value(plan(WHOLE, coca), coca, List.of(queries, keys, values), weight);
        outputs.add(value);
        gradients.add(torch.grad(new TensorVector(value), new TensorVector(queries)).get(0));
      }
      assertThat(outputs.get(1).item_double())
          .isCloseTo(outputs.get(0).item_double(), Offset.offset(1e-12));
      assertThat(gradients.get(1).sub(gradients.get(0)).abs().max().item_double())
          .isGreaterThan(1e-3);
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
    WindowBatch batch = WindowBatch.of(ids, 2);
    try (Parameters parameters =
            Parameters.random(spec, Initialisation.GPT2, 3, ComputeDevice.CPU);
        PointerScope _ = new PointerScope()) {
      TrainedModel model = new TrainedModel(spec, parameters, chosen, ScalarType.Float, false);
      TorchAttention attention = new TorchAttention();
      TrainedModel.Pass pass = model.pass(batch, new long[2], 1.0 / batch.scored(), attention);
      Tensor[] gradients = pass.gradients().get();
      double squared = 0;
      for (Tensor gradient : gradients) {
        squared += gradient.to(ScalarType.Double).square().sum().item_double();
      }
      double step = 0.02 / squared;
      double above =
          movedLoss(
              parameters, gradients, step, () -> model.evaluate(batch, attention) / batch.scored());
      double below =
          movedLoss(
              parameters,
              gradients,
              -2 * step,
              () -> model.evaluate(batch, attention) / batch.scored());
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
      ToDoubleFunction<List<Tensor>> value, List<Tensor> inputs, int input, long element) {
    double[] values = new double[2];
    for (int side = 0; side < 2; side++) {
      List<Tensor> moved = new ArrayList<>(inputs);
      Tensor copy = inputs.get(input).detach().clone();
      DoublePointer data = copy.data_ptr_double();
      data.put(element, data.get(element) + (side == 0 ? -STEP : STEP));
      moved.set(input, copy);
      values[side] = value.applyAsDouble(moved);
    }
    return (values[1] - values[0]) / (2 * STEP);
  }

  private static double at(Tensor tensor, long element) {
    return tensor.data_ptr_double().get(element);
  }

  private static Tensor value(
      AttentionPlan plan, PositionMethod chosen, List<Tensor> inputs, Tensor weight) {
    Map<String, Tensor> trained = new HashMap<>();
    for (LearnedParameter learned : chosen.weights(SHAPE)) {
      trained.put(learned.name(), inputs.get(3 + trained.size()));
    }
    return new TorchAttention()
        .attend(
            plan,
            new QueryRows(inputs.get(0), 0),
            KeyValueRows.fromStart(inputs.get(1), inputs.get(2)),
            trained)
        .mul(weight)
        .sum();
  }
}

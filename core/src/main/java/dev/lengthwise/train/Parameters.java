package dev.lengthwise.train;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.attention.Attention;
import dev.lengthwise.checkpoint.TensorEntry;
import dev.lengthwise.checkpoint.safetensors.SafetensorsFile;
import dev.lengthwise.checkpoint.safetensors.SafetensorsWriter;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.model.Decoder;
import dev.lengthwise.model.LayerAttention;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.RecomputedLayers;
import dev.lengthwise.model.Slot;
import dev.lengthwise.model.WeightId;
import dev.lengthwise.model.WeightList;
import dev.lengthwise.model.WeightRole;
import dev.lengthwise.model.WeightSpec;
import dev.lengthwise.model.Weights;
import dev.lengthwise.parallel.CounterRandom;
import dev.lengthwise.position.LearnedParameter;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.position.ScoreRule;
import dev.lengthwise.torch.ComputeDevice;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// The f32 master weights of a decoder under the names of [WeightList].
///
/// They outlive every `PointerScope`, until [#close].
final class Parameters implements AutoCloseable {

  private final ModelSpec spec;
  private final ComputeDevice device;
  private final Map<String, Slot> slots; // of weights by their names
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  private Parameters(ModelSpec spec, ComputeDevice device) {
    this.spec = spec;
    this.device = device;
    this.slots =
        WeightList.of(spec).stream()
            .collect(Collectors.toMap(WeightSpec::name, weight -> weight.id().slot()));
  }

  /// Fresh weights, as [WeightInitializer] says. The same seed gives the same weights.
  ///
  /// @param device where the weights lie and everything is computed
  static Parameters random(
      ModelSpec spec, Initialisation initialisation, long seed, ComputeDevice device) {
    WeightInitializer first = new WeightInitializer(spec, initialisation);
    Parameters parameters = new Parameters(spec, device);
    int place = 0;
    for (WeightSpec tensor : WeightList.of(spec)) {
      float[] values = first.of(tensor, new CounterRandom(~seed, place));
      parameters.put(tensor.name(), values, tensor.dimensions());
      place++;
    }
    planWeights(spec)
        .forEach(
            (name, weight) -> parameters.put(name, floats(weight.initial(seed)), weight.shape()));
    return parameters;
  }

  /// The weights of a model that exists, copied; what the position method has not learned yet
  /// starts by its rule, and what the head of a task lacks is drawn.
  ///
  /// @param weights by name, f32
  /// @param seed decides what starts by a rule
  static Parameters of(
      ModelSpec spec, Map<String, Tensor> weights, long seed, ComputeDevice device) {
    Parameters parameters = new Parameters(spec, device);
    WeightInitializer first = new WeightInitializer(spec, Initialisation.NORMAL);
    int place = 0;
    for (WeightSpec weight : WeightList.of(spec)) {
      if (weight.id().slot().isOfTask() && !weights.containsKey(weight.name())) {
        float[] values = first.of(weight, new CounterRandom(~seed, place));
        parameters.put(weight.name(), values, weight.dimensions());
      } else {
        parameters.copy(weight.name(), Objects.requireNonNull(weights.get(weight.name())));
      }
      place++;
    }
    planWeights(spec)
        .forEach(
            (name, weight) -> {
              Tensor learned = weights.get(name);
              if (learned == null) {
                parameters.put(name, floats(weight.initial(seed)), weight.shape());
              } else {
                parameters.copy(name, learned);
              }
            });
    return parameters;
  }

  private void copy(String name, Tensor values) {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      Tensor tensor = device.place(values.detach().clone());
      tensor.set_requires_grad(true);
      tensors.put(name, tensor.retainReference());
    }
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int index = 0; index < values.length; index++) {
      floats[index] = (float) values[index];
    }
    return floats;
  }

  /// The weights of a safetensors file; [LengthwiseException] when a tensor is missing or of
  /// another shape.
  ///
  /// @param device as for [#random]
  static Parameters read(ModelSpec spec, Path file, ComputeDevice device) {
    Parameters parameters = new Parameters(spec, device);
    try (SafetensorsFile checkpoint = SafetensorsFile.open(file)) {
      for (WeightSpec tensor : WeightList.of(spec)) {
        parameters.read(checkpoint, tensor.name(), tensor.dimensions(), file);
      }
      planWeights(spec)
          .forEach((name, weight) -> parameters.read(checkpoint, name, weight.shape(), file));
    }
    return parameters;
  }

  private void read(SafetensorsFile checkpoint, String name, long[] shape, Path file) {
    TensorEntry entry = checkpoint.tensor(name);
    if (!Arrays.equals(entry.shape(), shape)) {
      throw new LengthwiseException(
          "Tensor \"%s\" of %s has the shape %s; the configuration needs %s."
              .formatted(name, file, Arrays.toString(entry.shape()), Arrays.toString(shape)));
    }
    put(name, entry.toFloats(), shape);
  }

  private void put(String name, float[] values, long[] shape) {
    try (PointerScope _ = new PointerScope()) {
      Tensor tensor = device.place(Tensor.create(values, shape));
      tensor.set_requires_grad(true);
      tensors.put(name, tensor.retainReference());
    }
  }

  /// Where the weights lie.
  ComputeDevice device() {
    return device;
  }

  /// What the position method learns, by the names of its tensors.
  private static Map<String, LearnedParameter> planWeights(ModelSpec spec) {
    Map<String, LearnedParameter> weights = new LinkedHashMap<>();
    for (LearnedParameter weight : spec.declared().weights(spec.shape())) {
      weights.put(weight.tensorName(), weight);
    }
    return weights;
  }

  /// What the plan of `layer` learns, as it is so far: the numbers of the position method by the
  /// names of its weights, and the sinks of the layer as [ScoreRule#SINKS].
  Map<String, Tensor> planTensors(int layer) {
    Map<String, Tensor> learned = new LinkedHashMap<>();
    planWeights(spec).forEach((name, weight) -> learned.put(weight.name(), of(name)));
    Tensor sinks = tensors.get(WeightId.of(layer, Slot.SINKS).name());
    if (sinks != null) {
      learned.put(ScoreRule.SINKS, sinks);
    }
    return learned;
  }

  /// The gradients of a loss for all weights, in the order of [#tensors], and for others behind
  /// them. They are [#completed], and live in the innermost scope.
  ///
  /// @param loss one number
  /// @param weights [#vector], and behind it what a head of another class learns
  /// @param apart what has no part in the loss, such as the head that makes logits of states
  TensorVector gradients(Tensor loss, TensorVector weights, Set<Slot> apart) {
    TensorVector found =
        torch.grad(
            new TensorVector(loss), weights, new TensorVector(), new BoolOptional(), false, true);
    return completed(found, apart);
  }

  /// Gradients with zeros for weights that a micro-batch did not use: experts that no token went
  /// to, what only chooses experts, and the head of a task where another is trained. Every other
  /// weight has an influence.
  ///
  /// @param found in the order of [#tensors], undefined where there is none
  TensorVector completed(TensorVector found) {
    return completed(found, Set.of());
  }

  private TensorVector completed(TensorVector found, Set<Slot> apart) {
    List<String> names = List.copyOf(tensors.keySet());
    for (int index = 0; index < names.size(); index++) {
      String name = names.get(index);
      if (!found.get(index).defined()) {
        Slot slot = slots.get(name);
        if (slot == null || !(mayBeUnused(slot) || apart.contains(slot))) {
          throw new IllegalStateException("weight " + name + " is not used");
        }
        found.put(index, torch.zeros_like(of(name).detach()));
      }
    }
    return found;
  }

  private static boolean mayBeUnused(Slot slot) {
    return slot.isOfExpert() || slot.isOfTask() || slot == Slot.ROUTER_CORRECTION;
  }

  private Tensor of(String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalStateException("no weight " + name);
    }
    return tensor;
  }

  /// Moves what the position method learns to the nearest values that it may take.
  void project() {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      planWeights(spec)
          .forEach(
              (name, weight) -> {
                if (!weight.range().equals(LearnedParameter.Range.ANY)) {
                  of(name)
                      .clamp_(
                          new ScalarOptional(new Scalar(weight.range().least())),
                          new ScalarOptional(new Scalar(weight.range().most())));
                }
              });
    }
  }

  /// What each weight is for, by its name.
  Map<String, WeightRole> roles() {
    Map<String, WeightRole> roles = new LinkedHashMap<>();
    for (WeightSpec tensor : WeightList.of(spec)) {
      roles.put(tensor.name(), tensor.role());
    }
    planWeights(spec).keySet().forEach(name -> roles.put(name, WeightRole.LEARNED_POSITION));
    return roles;
  }

  /// Every weight by name.
  Map<String, Tensor> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  /// Every weight, in the order of [#tensors].
  TensorVector vector() {
    return new TensorVector(tensors.values().toArray(new Tensor[0]));
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
    return Decoder.torch(spec, Weights.dense(spec, tensors, type));
  }

  /// The model under its declared method, in f32, as the weights are now; gradients flow to them.
  InferenceModel model(Attention attention) {
    PlanFunction plans = new PlanFunction(spec.shape(), spec.declared(), spec.declared());
    return new InferenceModel(decoder(ScalarType.Float), plans, attention);
  }

  /// As [#decoder], for gradients without keeping what layers make.
  RecomputedLayers recomputed(ScalarType type, LayerAttention attention) {
    return new RecomputedLayers(decoder(type), attention);
  }

  /// The model plan.
  ModelSpec spec() {
    return spec;
  }

  /// The weights by name as they are stored: matrices and vectors in `type`; what the position
  /// method learns stays f32. For the innermost scope, without gradients.
  Map<String, Tensor> stored(ScalarType type) {
    Map<String, Tensor> stored = new LinkedHashMap<>();
    Set<String> planned = planWeights(spec).keySet();
    tensors.forEach(
        (name, tensor) ->
            stored.put(
                name, (planned.contains(name) ? tensor.detach() : tensor.detach().to(type)).cpu()));
    return stored;
  }

  /// Writes the weights as safetensors in f32, under their own names.
  void write(Path file) {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      SafetensorsWriter.writeTensors(
          file, SafetensorsWriter.TORCH_METADATA, stored(ScalarType.Float));
    }
  }

  /// Frees the weights.
  @Override
  public void close() {
    tensors.values().forEach(Tensor::releaseReference);
  }
}

package dev.lengthwise.train;

import dev.lengthwise.CounterRandom;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.SafetensorsFile;
import dev.lengthwise.checkpoint.SafetensorsWriter;
import dev.lengthwise.checkpoint.TensorEntry;
import dev.lengthwise.model.Decoder;
import dev.lengthwise.model.DecoderWeights;
import dev.lengthwise.model.Linear;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.PlanWeight;
import dev.lengthwise.position.PositionMethod;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// The f32 master weights of a decoder under their Hugging Face names.
///
/// They outlive every `PointerScope`, until [#close].
final class Parameters implements AutoCloseable {

  private static final String EMBEDDING = "model.embed_tokens.weight";
  private static final String NORM = "model.norm.weight";

  private final ModelSpec spec;
  private final Map<String, Tensor> tensors;

  private Parameters(ModelSpec spec, Map<String, Tensor> tensors) {
    this.spec = spec;
    this.tensors = Collections.unmodifiableMap(tensors);
  }

  /// Fresh weights. The same seed gives the same weights.
  static Parameters random(ModelSpec spec, Initialisation initialisation, long seed) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    int place = 0;
    for (Map.Entry<String, long[]> entry : shapes(spec).entrySet()) {
      String name = entry.getKey();
      PlanWeight planned = planWeights(spec).get(name);
      if (planned != null) {
        tensors.put(name, leaf(floats(planned.initial(seed)), entry.getValue()));
        continue;
      }
      WeightRole role = WeightRole.of(name, entry.getValue().length);
      CounterRandom random = new CounterRandom(~seed, place);
      float[] values = values(spec, role, initialisation, entry.getValue(), random);
      tensors.put(name, leaf(values, entry.getValue()));
      place++;
    }
    return new Parameters(spec, tensors);
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int index = 0; index < values.length; index++) {
      floats[index] = (float) values[index];
    }
    return floats;
  }

  private static float[] values(
      ModelSpec spec,
      WeightRole role,
      Initialisation initialisation,
      long[] shape,
      CounterRandom random) {
    int count = Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact));
    if (!role.isMatrix()) {
      float[] values = new float[count];
      Arrays.fill(values, role == WeightRole.GAIN ? 1 : 0);
      return values;
    }
    double deviation =
        initialisation.deviation(
            role, shape[shape.length - 1], spec.hiddenSize(), spec.shape().layers());
    return initialisation.values(count, deviation, random);
  }

  /// The weights of a safetensors file; [LengthwiseException] when a tensor is missing or of
  /// another shape.
  static Parameters read(ModelSpec spec, Path file) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    try (SafetensorsFile checkpoint = SafetensorsFile.open(file)) {
      shapes(spec)
          .forEach(
              (name, shape) -> {
                TensorEntry entry = checkpoint.tensor(name);
                if (!Arrays.equals(entry.shape(), shape)) {
                  throw new LengthwiseException(
                      "Tensor \"%s\" of %s has the shape %s; the configuration needs %s."
                          .formatted(
                              name, file, Arrays.toString(entry.shape()), Arrays.toString(shape)));
                }
                tensors.put(name, leaf(entry.toFloats(), shape));
              });
    }
    return new Parameters(spec, tensors);
  }

  private static Tensor leaf(float[] values, long[] shape) {
    try (PointerScope _ = new PointerScope()) {
      Tensor tensor = Tensor.create(values, shape);
      tensor.set_requires_grad(true);
      tensor.retainReference();
      return tensor;
    }
  }

  /// Names and shapes, in the order in which everything about the weights is stored.
  static Map<String, long[]> shapes(ModelSpec spec) {
    long hidden = spec.hiddenSize();
    long inner = spec.feedForwardSize();
    long queries = (long) spec.shape().heads() * spec.shape().headSize();
    long keys = (long) spec.shape().keyValueHeads() * spec.shape().headSize();
    Map<String, long[]> shapes = new LinkedHashMap<>();
    shapes.put(EMBEDDING, new long[] {spec.vocabularySize(), hidden});
    for (int layer = 0; layer < spec.shape().layers(); layer++) {
      String prefix = "model.layers." + layer + ".";
      shapes.put(prefix + "input_layernorm.weight", new long[] {hidden});
      shapes.put(prefix + "self_attn.q_proj.weight", new long[] {queries, hidden});
      shapes.put(prefix + "self_attn.k_proj.weight", new long[] {keys, hidden});
      shapes.put(prefix + "self_attn.v_proj.weight", new long[] {keys, hidden});
      shapes.put(prefix + "self_attn.o_proj.weight", new long[] {hidden, queries});
      shapes.put(prefix + "post_attention_layernorm.weight", new long[] {hidden});
      shapes.put(prefix + "mlp.gate_proj.weight", new long[] {inner, hidden});
      shapes.put(prefix + "mlp.up_proj.weight", new long[] {inner, hidden});
      shapes.put(prefix + "mlp.down_proj.weight", new long[] {hidden, inner});
    }
    shapes.put(NORM, new long[] {hidden});
    planWeights(spec).forEach((name, weight) -> shapes.put(name, weight.shape()));
    return shapes;
  }

  /// What the position method learns, by the names of its tensors.
  private static Map<String, PlanWeight> planWeights(ModelSpec spec) {
    Map<String, PlanWeight> weights = new LinkedHashMap<>();
    for (PlanWeight weight : spec.declared().weights(spec.shape())) {
      weights.put(weight.tensorName(), weight);
    }
    return weights;
  }

  /// What the position method has learned so far, by the names of its weights.
  Map<String, Tensor> planTensors() {
    Map<String, Tensor> learned = new LinkedHashMap<>();
    planWeights(spec).forEach((name, weight) -> learned.put(weight.name(), of(name)));
    return learned;
  }

  /// Moves what the position method learns to the nearest values that it may take.
  void project() {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      planWeights(spec)
          .forEach(
              (name, weight) -> {
                if (!weight.range().equals(PlanWeight.Range.ANY)) {
                  of(name)
                      .clamp_(
                          new ScalarOptional(new Scalar(weight.range().least())),
                          new ScalarOptional(new Scalar(weight.range().most())));
                }
              });
    }
  }

  /// The position method that the weights are trained with.
  PositionMethod method() {
    return spec.declared();
  }

  /// Every weight by name.
  Map<String, Tensor> tensors() {
    return tensors;
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
    UnaryOperator<Tensor> cast = tensor -> type == ScalarType.Float ? tensor : tensor.to(type);
    List<DecoderWeights.Layer> layers = new ArrayList<>();
    for (int layer = 0; layer < spec.shape().layers(); layer++) {
      String prefix = "model.layers." + layer + ".";
      layers.add(
          new DecoderWeights.Layer(
              of(prefix + "input_layernorm.weight"),
              new Linear.Dense(cast.apply(of(prefix + "self_attn.q_proj.weight"))),
              new Linear.Dense(cast.apply(of(prefix + "self_attn.k_proj.weight"))),
              new Linear.Dense(cast.apply(of(prefix + "self_attn.v_proj.weight"))),
              new Linear.Dense(cast.apply(of(prefix + "self_attn.o_proj.weight"))),
              of(prefix + "post_attention_layernorm.weight"),
              new Linear.Dense(cast.apply(of(prefix + "mlp.gate_proj.weight"))),
              new Linear.Dense(cast.apply(of(prefix + "mlp.up_proj.weight"))),
              new Linear.Dense(cast.apply(of(prefix + "mlp.down_proj.weight")))));
    }
    Tensor embedding = of(EMBEDDING);
    return new Decoder(
        spec,
        new DecoderWeights(
            new Linear.Dense(embedding),
            layers,
            of(NORM),
            new Linear.Dense(cast.apply(embedding))));
  }

  private Tensor of(String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalStateException("no weight " + name);
    }
    return tensor;
  }

  /// Writes the weights as safetensors of `type`; what the position method learns stays f32.
  void write(Path file, ScalarType type) {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      Map<String, Tensor> stored = new LinkedHashMap<>();
      Set<String> planned = planWeights(spec).keySet();
      tensors.forEach(
          (name, tensor) ->
              stored.put(
                  name, planned.contains(name) ? tensor.detach() : tensor.detach().to(type)));
      SafetensorsWriter.writeTensors(file, SafetensorsWriter.TORCH_METADATA, stored);
    }
  }

  /// Frees the weights.
  @Override
  public void close() {
    tensors.values().forEach(Tensor::releaseReference);
  }
}

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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// The f32 master weights of a decoder under their Hugging Face names.
///
/// They outlive every `PointerScope`, until [#close].
final class Parameters implements AutoCloseable {

  private static final String EMBEDDING = "model.embed_tokens.weight";
  private static final String NORM = "model.norm.weight";

  /// Standard deviation of the first weights.
  private static final double DEVIATION = 0.02;

  private final ModelSpec spec;
  private final Map<String, Tensor> tensors;

  private Parameters(ModelSpec spec, Map<String, Tensor> tensors) {
    this.spec = spec;
    this.tensors = Collections.unmodifiableMap(tensors);
  }

  /// Fresh weights: normal with deviation 0.02, projections back to the residual stream smaller by
  /// `√(2 · layers)` (Radford et al. 2019), norms 1. The same seed gives the same weights.
  static Parameters random(ModelSpec spec, long seed) {
    double residual = DEVIATION / Math.sqrt(2.0 * spec.shape().layers());
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    int place = 0;
    for (Map.Entry<String, long[]> entry : shapes(spec).entrySet()) {
      String name = entry.getKey();
      boolean toStream = name.endsWith("o_proj.weight") || name.endsWith("down_proj.weight");
      float[] values =
          entry.getValue().length == 1
              ? filled(entry.getValue()[0])
              : normal(entry.getValue(), toStream ? residual : DEVIATION, seed, place);
      tensors.put(name, leaf(values, entry.getValue()));
      place++;
    }
    return new Parameters(spec, tensors);
  }

  private static float[] filled(long size) {
    float[] ones = new float[(int) size];
    Arrays.fill(ones, 1);
    return ones;
  }

  // Box and Muller 1958.
  private static float[] normal(long[] shape, double deviation, long seed, int place) {
    CounterRandom random = new CounterRandom(~seed, place);
    float[] values = new float[Math.toIntExact(shape[0] * shape[1])];
    for (int index = 0; index < values.length; index++) {
      double radius = Math.sqrt(-2 * Math.log(1 - random.nextDouble()));
      values[index] = (float) (deviation * radius * Math.cos(2 * Math.PI * random.nextDouble()));
    }
    return values;
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
    return shapes;
  }

  /// Every weight by name.
  Map<String, Tensor> tensors() {
    return tensors;
  }

  /// Every weight, in the order of [#tensors].
  TensorVector vector() {
    return new TensorVector(tensors.values().toArray(new Tensor[0]));
  }

  /// Weights with two dimensions, or the others.
  TensorVector vector(boolean matrices) {
    return new TensorVector(
        tensors.values().stream()
            .filter(tensor -> tensor.dim() == 2 == matrices)
            .toArray(Tensor[]::new));
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

  /// Writes the weights as safetensors of `type`.
  void write(Path file, ScalarType type) {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      Map<String, Tensor> stored = new LinkedHashMap<>();
      tensors.forEach((name, tensor) -> stored.put(name, tensor.detach().to(type)));
      SafetensorsWriter.writeTensors(file, SafetensorsWriter.TORCH_METADATA, stored);
    }
  }

  /// Frees the weights.
  @Override
  public void close() {
    tensors.values().forEach(Tensor::releaseReference);
  }
}

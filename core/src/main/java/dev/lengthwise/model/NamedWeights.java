package dev.lengthwise.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// The weights of a decoder of any architecture as libtorch's tensors, under the names that
/// [DecoderTensors] gives them; gradients flow to them.
public final class NamedWeights implements ModelWeights {

  private static final String HEAD = "lm_head";

  private final Map<String, Tensor> tensors;
  private final @Nullable ScalarType type; // of products
  private final Map<String, Linear.Dense> projections = new LinkedHashMap<>();

  /// Weights whose matrix products run in their own type.
  public NamedWeights(ModelSpec spec, Map<String, Tensor> tensors) {
    this(spec, tensors, null);
  }

  /// Weights of `tensors`; the head is the embedding where there is no other.
  ///
  /// @param type type of matrix products, `null` for that of the tensors; casts belong to the
  ///     innermost scope
  public NamedWeights(ModelSpec spec, Map<String, Tensor> tensors, @Nullable ScalarType type) {
    this.type = type;
    this.tensors = Collections.unmodifiableMap(tensors);
    for (WeightTensor tensor : DecoderTensors.of(spec, !tensors.containsKey(DecoderTensors.HEAD))) {
      if (tensor.role().isMatrix() && tensor.role() != WeightRole.EMBEDDING) {
        String name = tensor.name().substring(0, tensor.name().lastIndexOf('.'));
        projections.put(
            name,
            new Linear.Dense(as(type, found(tensors, tensor.name())), tensors.get(name + ".bias")));
      }
    }
    if (!tensors.containsKey(DecoderTensors.HEAD)) {
      projections.put(HEAD, new Linear.Dense(as(type, embedding())));
    }
  }

  private static Tensor as(@Nullable ScalarType type, Tensor tensor) {
    return type == null || tensor.scalar_type().intern() == type ? tensor : tensor.to(type);
  }

  /// `input` as several projections read it: in the type that was chosen for products, so that it
  /// is rounded once, and what is made of it stays in that type up to the stream.
  Tensor forProducts(Tensor input) {
    return as(type, input);
  }

  /// `[vocabulary, hidden]`.
  Tensor embedding() {
    return found(tensors, DecoderTensors.EMBEDDING);
  }

  /// The projection to logits.
  Linear.Dense head() {
    return found(projections, HEAD);
  }

  /// What lies outside of layers.
  Part root() {
    return new Part("");
  }

  /// What a layer calls its own.
  Part layer(int layer) {
    return new Part(DecoderTensors.prefix(layer));
  }

  @Override
  public List<Linear> projections() {
    return List.copyOf(projections.values());
  }

  @Override
  public boolean hasHead() {
    return true;
  }

  /// The weights of one layer, or those outside of layers, by the names that they have there.
  final class Part {

    private final String prefix;

    private Part(String prefix) {
      this.prefix = prefix;
    }

    /// A tensor; `IllegalStateException` when there is none of this name.
    Tensor tensor(String name) {
      return found(tensors, prefix + name);
    }

    /// A tensor, or `null`.
    @Nullable Tensor find(String name) {
      return tensors.get(prefix + name);
    }

    /// The projection whose weight is `name.weight`.
    Linear.Dense projection(String name) {
      return found(projections, prefix + name);
    }
  }

  private static <T> T found(Map<String, T> all, String name) {
    T value = all.get(name);
    if (value == null) {
      throw new IllegalStateException("no weight " + name);
    }
    return value;
  }
}

package dev.lengthwise.bench;

import dev.lengthwise.model.ModelSpec;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// The matrix products of a prefill and nothing else: libtorch's bf16 `linear`, one after the
/// other, in the sizes and the order of the model.
public final class ProductsAlone implements Benchmark {

  // The weights of so many layers take turns, so that no cache holds them for the next layer.
  private static final int LAYERS = 2;

  private final ModelSpec spec;
  private final int tokens;
  private final int chunk;
  private final List<Tensor> weights = new ArrayList<>();
  private final List<Tensor> inputs = new ArrayList<>();

  /// The products of a prefill of `tokens` tokens, `chunk` at once.
  public ProductsAlone(ModelSpec spec, int tokens, int chunk) {
    this.spec = spec;
    this.tokens = tokens;
    this.chunk = Math.min(chunk, tokens);
    List<ModelWork.Product> products = ModelWork.layerProducts(spec);
    products.forEach(product -> inputs.add(random(this.chunk, product.inputs())));
    for (int layer = 0; layer < LAYERS; layer++) {
      products.forEach(product -> weights.add(random(product.outputs(), product.inputs())));
    }
  }

  private static Tensor random(long rows, long columns) {
    try (PointerScope _ = new PointerScope()) {
      return torch
          .randn(new long[] {rows, columns})
          .to(torch.ScalarType.BFloat16)
          .retainReference();
    }
  }

  @Override
  public Work work() {
    double one =
        ModelWork.layerProducts(spec).stream()
            .mapToDouble(product -> 2.0 * product.inputs() * product.outputs())
            .sum();
    return new Work(tokens, one * tokens * spec.shape().layers(), 0);
  }

  @Override
  public void run() {
    for (int from = 0; from < tokens; from += chunk) {
      int rows = Math.min(chunk, tokens - from);
      for (int layer = 0; layer < spec.shape().layers(); layer++) {
        layer(layer % LAYERS, rows);
      }
    }
  }

  private void layer(int layer, int rows) {
    for (int product = 0; product < inputs.size(); product++) {
      try (PointerScope _ = new PointerScope()) {
        Tensor weight = weights.get(layer * inputs.size() + product);
        torch.linear(inputs.get(product).narrow(0, 0, rows), weight);
      }
    }
  }

  @Override
  public void close() {
    weights.forEach(Tensor::close);
    inputs.forEach(Tensor::close);
  }
}

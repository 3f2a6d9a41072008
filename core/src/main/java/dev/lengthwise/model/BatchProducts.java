package dev.lengthwise.model;

import dev.lengthwise.checkpoint.TorchMemory;
import dev.lengthwise.matrix.MatrixProducts;
import dev.lengthwise.matrix.WeightMatrix;
import dev.lengthwise.matrix.WeightType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// Products of many tokens, in libtorch: weights of the type of the arithmetic are used in place;
/// of others, blocks of rows are converted into memory of bounded size first.
final class BatchProducts {

  /// Most bytes of converted weights. They are written into the same memory again and again: to
  /// touch new pages costs several times what conversion does.
  private static final long CONVERTED = 32L << 20;

  private final MatrixProducts products;
  private final boolean bf16;
  private final ScalarType type;
  private MemorySegment scratch = MemorySegment.NULL;

  BatchProducts(MatrixProducts products, boolean bf16) {
    this.products = products;
    this.bf16 = bf16;
    this.type = bf16 ? ScalarType.BFloat16 : ScalarType.Float;
  }

  /// Whether libtorch is faster for so many tokens.
  ///
  /// Measured with 8192 × 2048 weights and two threads of AVX-512: in place, libtorch's bf16
  /// product wins from 2 tokens on and its f32 product at about 12; where weights are converted
  /// first, bf16 wins between 16 and 32 tokens and f32 beyond 32.
  boolean takes(WeightType weights, int tokens) {
    if (weights == (bf16 ? WeightType.BF16 : WeightType.F32)) {
      return tokens > (bf16 ? 1 : 12);
    }
    return tokens > (bf16 ? 28 : 48);
  }

  /// Multiplies some matrices with the same activations.
  void multiply(
      StoredOperations.Rows inputs,
      List<Linear.Stored> projections,
      List<StoredOperations.Rows> targets,
      boolean add) {
    try (PointerScope _ = new PointerScope()) {
      Tensor typed = typed(inputs.tensor());
      for (int n = 0; n < projections.size(); n++) {
        into(projections.get(n), typed, targets.get(n).tensor(), add);
      }
    }
  }

  /// `target += down(silu(gate(x)) · up(x))`.
  void feedForward(
      StoredOperations.Rows inputs,
      Linear.Stored gate,
      Linear.Stored up,
      Linear.Stored down,
      StoredOperations.Rows target) {
    try (PointerScope _ = new PointerScope()) {
      Tensor typed = typed(inputs.tensor());
      Tensor gated = torch.silu_(product(gate, typed)).mul_(product(up, typed));
      into(down, gated, target.tensor(), true);
    }
  }

  private Tensor typed(Tensor tensor) {
    return bf16 ? tensor.to(type) : tensor;
  }

  private void into(Linear.Stored projection, Tensor inputs, Tensor target, boolean add) {
    Tensor product = product(projection, inputs);
    if (add) {
      target.add_(product);
    } else {
      target.copy_(product);
    }
  }

  // [tokens, outputs], in the type of the arithmetic
  private Tensor product(Linear.Stored projection, Tensor inputs) {
    WeightMatrix weight = projection.weight();
    int @Nullable [] places = projection.places();
    Tensor product =
        places == null && isTyped(weight)
            ? torch.linear(inputs, view(weight))
            : converted(weight, places == null ? null : inverse(places), inputs);
    float @Nullable [] bias = projection.bias();
    return bias == null ? product : product.add_(placed(bias, places));
  }

  private boolean isTyped(WeightMatrix weight) {
    return weight.type() == (bf16 ? WeightType.BF16 : WeightType.F32)
        && weight.data().address() % (bf16 ? Short.BYTES : Float.BYTES) == 0;
  }

  private Tensor view(WeightMatrix weight) {
    return TorchMemory.view(weight.data(), new long[] {weight.rows(), weight.columns()}, type);
  }

  // One at a time: the scratch memory is shared by all sessions.
  private synchronized Tensor converted(WeightMatrix weight, int @Nullable [] rows, Tensor inputs) {
    long rowBytes = (long) weight.columns() * (bf16 ? Short.BYTES : Float.BYTES);
    int block = Math.clamp(CONVERTED / rowBytes, 1, weight.rows());
    MemorySegment memory = scratch(block * rowBytes);
    Tensor scratch = TorchMemory.view(memory, new long[] {block, weight.columns()}, type);
    if (block == weight.rows()) {
      products.decodeRows(weight, rows, 0, block, memory, bf16);
      return torch.linear(inputs, scratch);
    }
    Tensor product = empty(inputs.size(0), weight.rows());
    for (int first = 0; first < weight.rows(); first += block) {
      int count = Math.min(block, weight.rows() - first);
      products.decodeRows(weight, rows, first, count, memory, bf16);
      product.narrow(1, first, count).copy_(torch.linear(inputs, scratch.narrow(0, 0, count)));
    }
    return product;
  }

  private MemorySegment scratch(long bytes) {
    if (scratch.byteSize() < bytes) {
      scratch = Arena.ofAuto().allocate(Math.max(bytes, CONVERTED), Long.BYTES * 8);
    }
    return scratch.asSlice(0, bytes);
  }

  private Tensor empty(long rows, long columns) {
    return torch.empty(
        new long[] {rows, columns},
        new TensorOptions(type),
        new org.bytedeco.pytorch.MemoryFormatOptional());
  }

  private static int[] inverse(int[] places) {
    int[] rows = new int[places.length];
    for (int row = 0; row < rows.length; row++) {
      rows[places[row]] = row;
    }
    return rows;
  }

  private static Tensor placed(float[] bias, int @Nullable [] places) {
    float[] ordered = new float[bias.length];
    for (int row = 0; row < bias.length; row++) {
      ordered[places == null ? row : places[row]] = bias[row];
    }
    return Tensor.create(ordered);
  }
}

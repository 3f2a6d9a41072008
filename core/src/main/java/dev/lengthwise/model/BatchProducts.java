package dev.lengthwise.model;

import dev.lengthwise.matrix.Activation;
import dev.lengthwise.matrix.Activations;
import dev.lengthwise.matrix.FloatRows;
import dev.lengthwise.matrix.Gating;
import dev.lengthwise.matrix.MatrixProducts;
import dev.lengthwise.matrix.WeightMatrix;
import dev.lengthwise.matrix.WeightType;
import dev.lengthwise.torch.TorchMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// Products of many tokens, in libtorch: weights of the type of the arithmetic are used in place;
/// of others, blocks of rows are converted into memory of bounded size first.
///
/// What lies between the products is one pass each ([Activations]), and everything is written into
/// the same memory again and again: to touch new pages costs several times what a pass does.
final class BatchProducts {

  /// Most bytes of converted weights, and of products that are not yet stored.
  private static final long BLOCK = 32L << 20;

  private final MatrixProducts products;
  private final Activations activations;
  private final boolean bf16;
  private final ScalarType type;
  private final int width;

  // All sessions share this memory, one at a time: a product takes all processors anyway.
  private final Reused inputs = new Reused();
  private final Reused weights = new Reused();
  private final Reused first = new Reused();
  private final Reused second = new Reused();

  /// @param bf16 whether products run in bf16; otherwise in f32
  BatchProducts(MatrixProducts products, boolean bf16) {
    this.products = products;
    this.activations = products.activations();
    this.bf16 = bf16;
    this.type = bf16 ? ScalarType.BFloat16 : ScalarType.Float;
    this.width = bf16 ? Short.BYTES : Float.BYTES;
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

  /// Multiplies some matrices with the norm of rows.
  synchronized void multiply(
      Rows rows, BoundNorm norm, List<Projection> projections, List<Rows> targets) {
    try (PointerScope _ = new PointerScope()) {
      Tensor input = input(rows, norm);
      for (int n = 0; n < projections.size(); n++) {
        into(MappedOperations.mapped(projections.get(n)), input, targets.get(n), false, 1);
      }
    }
  }

  /// `target += scale · (rows Wᵀ + b)`.
  synchronized void add(Rows rows, Projection.Mapped projection, Rows target, double scale) {
    try (PointerScope _ = new PointerScope()) {
      into(projection, input(rows, BoundNorm.NONE), target, true, scale);
    }
  }

  /// `gating(gate · x, up · x)`, where `x` is the norm of rows.
  synchronized void gated(
      Rows rows,
      BoundNorm norm,
      Projection.Mapped gate,
      Projection.Mapped up,
      Gating gating,
      Rows target) {
    inner(
        rows,
        norm,
        up,
        Math.min(blockRows(gate, rows.count()), blockRows(up, rows.count())),
        target,
        (block, input, memory) -> {
          MemorySegment gates = product(gate, block.first(), block.outputs(), input, first);
          MemorySegment ups = product(up, block.first(), block.outputs(), input, second);
          activations.gate(gates, ups, gating, block, memory, bf16);
        });
  }

  /// `activation(up · x)`, where `x` is the norm of rows.
  synchronized void activated(
      Rows rows, BoundNorm norm, Projection.Mapped up, Activation activation, Rows target) {
    inner(
        rows,
        norm,
        up,
        blockRows(up, rows.count()),
        target,
        (block, input, memory) -> {
          MemorySegment ups = product(up, block.first(), block.outputs(), input, first);
          activations.activate(ups, activation, block, memory, bf16);
        });
  }

  @FunctionalInterface
  private interface InnerBlock {
    void compute(Activations.Block block, Tensor input, MemorySegment target);
  }

  // Inner channels of a feed-forward block, some at a time, in the type of the arithmetic.
  private void inner(
      Rows rows, BoundNorm norm, Projection.Mapped up, int most, Rows target, InnerBlock task) {
    try (PointerScope _ = new PointerScope()) {
      Tensor input = input(rows, norm);
      MemorySegment memory = TorchMemory.bytesOf(target.tensor());
      int outputs = up.outputs();
      for (int from = 0; from < outputs; from += most) {
        int count = Math.min(most, outputs - from);
        task.compute(new Activations.Block(rows.count(), outputs, from, count), input, memory);
      }
    }
  }

  /// The type of the arithmetic, which inner channels are kept in.
  ScalarType type() {
    return type;
  }

  // `[tokens, columns]` in the type of the arithmetic.
  private Tensor input(Rows rows, BoundNorm norm) {
    Tensor given = rows.tensor();
    if (!norm.exists() && given.scalar_type().intern() == type) {
      return given.view(rows.count(), given.size(2));
    }
    FloatRows floats = rows.floats();
    MemorySegment memory = inputs.bytes((long) floats.count() * floats.columns() * width);
    if (norm.exists()) {
      activations.norm(floats, MappedOperations.normalization(norm), memory, bf16);
    } else {
      activations.narrow(floats, memory);
    }
    return view(memory, floats.count(), floats.columns());
  }

  private void into(
      Projection.Mapped projection, Tensor typed, Rows target, boolean add, double scale) {
    int outputs = projection.outputs();
    int most = blockRows(projection, target.count());
    FloatRows floats = target.floats();
    for (int from = 0; from < outputs; from += most) {
      int count = Math.min(most, outputs - from);
      MemorySegment product = product(projection, from, count, typed, first);
      Activations.Block block =
          new Activations.Block(floats.count(), floats.columns(), from, count);
      activations.store(product, bf16, block, floats, add, (float) scale);
    }
  }

  // Outputs that are computed at once: their products, and their weights if converted, fit a block.
  private int blockRows(Projection.Mapped projection, int tokens) {
    WeightMatrix weight = projection.weight();
    long rowBytes = Math.max(tokens, isInPlace(projection) ? 1 : weight.columns()) * (long) width;
    return Math.clamp(BLOCK / rowBytes, 1, weight.rows());
  }

  // [tokens, count], of outputs from `from` on, in the type of the arithmetic
  private MemorySegment product(
      Projection.Mapped projection, int from, int count, Tensor typed, Reused memory) {
    Tensor rows =
        isInPlace(projection)
            ? view(projection.weight().rows(from, count).data(), count, (int) typed.size(1))
            : converted(projection, from, count);
    MemorySegment target = memory.bytes(typed.size(0) * count * width);
    Tensor product = view(target, (int) typed.size(0), count);
    torch.linear_out(product, typed, rows);
    float @Nullable [] bias = projection.placedBias();
    if (bias != null) {
      product.add_(Tensor.create(bias).narrow(0, from, count));
    }
    return target;
  }

  private boolean isInPlace(Projection.Mapped projection) {
    WeightMatrix weight = projection.weight();
    return projection.places() == null
        && weight.type() == (bf16 ? WeightType.BF16 : WeightType.F32)
        && weight.data().address() % width == 0;
  }

  private Tensor view(MemorySegment memory, int rows, int columns) {
    return TorchMemory.view(memory, new long[] {rows, columns}, type);
  }

  private Tensor converted(Projection.Mapped projection, int from, int count) {
    WeightMatrix weight = projection.weight();
    int @Nullable [] places = projection.places();
    MemorySegment memory = weights.bytes((long) count * weight.columns() * width);
    products.decodeRows(weight, places == null ? null : inverse(places), from, count, memory, bf16);
    return view(memory, count, weight.columns());
  }

  private static int[] inverse(int[] places) {
    int[] rows = new int[places.length];
    for (int row = 0; row < rows.length; row++) {
      rows[places[row]] = row;
    }
    return rows;
  }

  /// Memory that grows to the most that was needed.
  private static final class Reused {
    private MemorySegment memory = MemorySegment.NULL;

    MemorySegment bytes(long count) {
      if (memory.byteSize() < count) {
        memory = MemorySegment.NULL;
        memory = Arena.ofAuto().allocate(count, 64);
      }
      return memory.asSlice(0, count);
    }
  }
}

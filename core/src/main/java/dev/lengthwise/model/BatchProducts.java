package dev.lengthwise.model;

import dev.lengthwise.checkpoint.TorchMemory;
import dev.lengthwise.matrix.Activations;
import dev.lengthwise.matrix.Gating;
import dev.lengthwise.matrix.MatrixProducts;
import dev.lengthwise.matrix.Normalization;
import dev.lengthwise.matrix.WeightMatrix;
import dev.lengthwise.matrix.WeightType;
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
  private final double epsilon;

  // All sessions share this memory, one at a time: a product takes all processors anyway.
  private final Reused inputs = new Reused();
  private final Reused weights = new Reused();
  private final Reused first = new Reused();
  private final Reused second = new Reused();
  private final Reused gated = new Reused();

  /// @param bf16 whether products run in bf16; otherwise in f32
  /// @param epsilon of norms
  BatchProducts(MatrixProducts products, boolean bf16, double epsilon) {
    this.products = products;
    this.activations = products.activations();
    this.bf16 = bf16;
    this.type = bf16 ? ScalarType.BFloat16 : ScalarType.Float;
    this.width = bf16 ? Short.BYTES : Float.BYTES;
    this.epsilon = epsilon;
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

  /// Multiplies some matrices with the norm of the stream.
  synchronized void multiplyNormed(
      StoredOperations.Rows stream,
      Tensor gain,
      List<Linear.Stored> projections,
      List<StoredOperations.Rows> targets) {
    try (PointerScope _ = new PointerScope()) {
      Tensor normed = normed(stream, gain);
      for (int n = 0; n < projections.size(); n++) {
        into(projections.get(n), normed, targets.get(n), false);
      }
    }
  }

  /// Multiplies a matrix with activations.
  ///
  /// @param add whether the products are added to `target`
  synchronized void multiply(
      StoredOperations.Rows rows,
      Linear.Stored projection,
      StoredOperations.Rows target,
      boolean add) {
    try (PointerScope _ = new PointerScope()) {
      into(projection, typed(rows), target, add);
    }
  }

  /// `stream += down(silu(gate(x)) · up(x))`, where `x` is the norm of the stream.
  synchronized void feedForward(
      StoredOperations.Rows stream,
      Tensor gain,
      Linear.Stored gate,
      Linear.Stored up,
      Linear.Stored down) {
    try (PointerScope _ = new PointerScope()) {
      Tensor normed = normed(stream, gain);
      int tokens = stream.count();
      int inner = up.weight().rows();
      MemorySegment target = gated.bytes((long) tokens * inner * width);
      int most = Math.min(blockRows(gate, tokens), blockRows(up, tokens));
      for (int from = 0; from < inner; from += most) {
        int count = Math.min(most, inner - from);
        MemorySegment gates = product(gate, from, count, normed, first);
        MemorySegment ups = product(up, from, count, normed, second);
        Activations.Block block = new Activations.Block(tokens, inner, from, count);
        activations.gate(gates, ups, Gating.SILU, block, target, bf16);
      }
      into(down, view(target, tokens, inner), stream, true);
    }
  }

  private Tensor normed(StoredOperations.Rows stream, Tensor gain) {
    int columns = stream.rows().columns();
    MemorySegment memory = inputs.bytes((long) stream.count() * columns * width);
    Normalization norm = Normalization.rms(epsilon, TorchMemory.bytesOf(gain));
    activations.norm(stream.rows(), norm, memory, bf16);
    return view(memory, stream.count(), columns);
  }

  private Tensor typed(StoredOperations.Rows rows) {
    if (!bf16) {
      return rows.tensor();
    }
    int columns = rows.rows().columns();
    MemorySegment memory = inputs.bytes((long) rows.count() * columns * width);
    activations.narrow(rows.rows(), memory);
    return view(memory, rows.count(), columns);
  }

  private void into(
      Linear.Stored projection, Tensor typed, StoredOperations.Rows target, boolean add) {
    int outputs = projection.weight().rows();
    int columns = target.rows().columns();
    int most = blockRows(projection, target.count());
    for (int from = 0; from < outputs; from += most) {
      int count = Math.min(most, outputs - from);
      MemorySegment product = product(projection, from, count, typed, first);
      Activations.Block block = new Activations.Block(target.count(), columns, from, count);
      activations.store(product, bf16, block, target.rows(), add, 1);
    }
  }

  // Outputs that are computed at once: their products, and their weights if converted, fit a block.
  private int blockRows(Linear.Stored projection, int tokens) {
    WeightMatrix weight = projection.weight();
    long rowBytes = Math.max(tokens, isInPlace(projection) ? 1 : weight.columns()) * (long) width;
    return Math.clamp(BLOCK / rowBytes, 1, weight.rows());
  }

  // [tokens, count], of outputs from `from` on, in the type of the arithmetic
  private MemorySegment product(
      Linear.Stored projection, int from, int count, Tensor typed, Reused memory) {
    Tensor rows =
        isInPlace(projection)
            ? view(projection.weight().rows(from, count).data(), count, (int) typed.size(1))
            : converted(projection, from, count);
    MemorySegment target = memory.bytes(typed.size(0) * count * width);
    Tensor product = view(target, (int) typed.size(0), count);
    torch.linear_out(product, typed, rows);
    float @Nullable [] bias = projection.bias();
    if (bias != null) {
      product.add_(placed(bias, projection.places()).narrow(0, from, count));
    }
    return target;
  }

  private boolean isInPlace(Linear.Stored projection) {
    WeightMatrix weight = projection.weight();
    return projection.places() == null
        && weight.type() == (bf16 ? WeightType.BF16 : WeightType.F32)
        && weight.data().address() % width == 0;
  }

  private Tensor view(MemorySegment memory, int rows, int columns) {
    return TorchMemory.view(memory, new long[] {rows, columns}, type);
  }

  private Tensor converted(Linear.Stored projection, int from, int count) {
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

  private static Tensor placed(float[] bias, int @Nullable [] places) {
    float[] ordered = new float[bias.length];
    for (int row = 0; row < bias.length; row++) {
      ordered[places == null ? row : places[row]] = bias[row];
    }
    return Tensor.create(ordered);
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

package dev.lengthwise.matrix;

import dev.lengthwise.quantised.Bfloat16;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import org.jspecify.annotations.Nullable;

/// The kernels on the Vector API.
///
/// Most types have a product of their own with one token where vectors are wide enough ([PlainDot],
/// [QuantisedDot]). Else, and for several tokens, rows are decoded into the first-level cache, a
/// column block at a time, and multiplied from there.
final class VectorMatrixKernels implements MatrixKernels {

  private static final int ROWS = 4;

  private final Optional<CompiledProducts> compiled;
  private final @Nullable CompiledPasses passes;

  VectorMatrixKernels() {
    this(CompiledProducts.best(), CompiledPasses.best());
  }

  /// @param compiled what is used in place of [IntegerDot]
  /// @param passes what is used for the passes of single tokens
  VectorMatrixKernels(Optional<CompiledProducts> compiled, Optional<CompiledPasses> passes) {
    this.compiled = compiled;
    this.passes = passes.orElse(null);
  }

  @Override
  public void dot(
      WeightType type,
      long weights,
      int rows,
      int columns,
      long input,
      float[] sums,
      int at,
      Scratch scratch) {
    if (passes != null && CompiledPasses.multiplies(type)) {
      passes.dot(type, weights, rows, columns, input, sums, at);
      return;
    }
    switch (type) {
      case F32 -> PlainDot.f32(weights, rows, columns, input, sums, at);
      case BF16 -> PlainDot.bf16(weights, rows, columns, input, sums, at);
      case F16 -> PlainDot.f16(weights, rows, columns, input, sums, at);
      case F8_E4M3,
          F8_E5M2,
          Q8_0,
          Q4_0,
          Q4_1,
          Q5_0,
          Q5_1,
          IQ4_NL,
          MXFP4,
          Q4_K,
          Q5_K,
          Q6_K,
          IQ4_XS,
          Q2_K,
          Q3_K,
          TQ1_0,
          TQ2_0 -> {
        if (!QuantisedDot.has(type)) {
          decodedDot(type, weights, rows, columns, input, sums, at, scratch.columnBlock);
          return;
        }
        for (int row = 0; row < rows; row += Scratch.ROWS) {
          int count = Math.min(Scratch.ROWS, rows - row);
          long address = weights + row * type.bytes(columns);
          QuantisedDot.rows(type, address, count, columns, input, sums, at + row, scratch);
        }
      }
    }
  }

  @Override
  public void dot(
      RowGroups groups, int first, int rows, long input, float[] sums, int at, Scratch scratch) {
    GroupLayout layout = groups.layout();
    int columns = groups.weight().columns();
    int units = groups.units();
    float[] found = scratch.vectors;
    float[] x = scratch.activations(input, columns);
    if (layout == GroupLayout.Q6_K) {
      x = scratch.ordered(layout, x, columns);
    }
    float[] inputSums =
        layout == GroupLayout.Q4_K || layout == GroupLayout.Q5_K
            ? QuantisedDot.sums(input, columns, scratch)
            : found;
    for (int row = 0; row < rows; row += RowGroups.ROWS) {
      long group = groups.addressOf(first + row);
      switch (layout) {
        case Q4_0 -> GroupDot.even(group, x, units, found);
        case Q4_K -> GroupDot.fourBits(group, x, inputSums, units, found);
        case Q5_K -> GroupDot.fiveBits(group, x, inputSums, units, found);
        case Q6_K -> GroupDot.sixBits(group, x, units, found);
        case IQ4_NL, IQ4_XS, MXFP4 -> {
          float[] parts = scratch.parts(units * layout.parts() * RowGroups.ROWS);
          LevelGroupDot.products(layout, group, x, units, parts, found);
        }
        case Q8_0 -> throw new IllegalArgumentException(layout + " has no float products");
      }
      System.arraycopy(found, 0, sums, at + row, Math.min(RowGroups.ROWS, rows - row));
    }
  }

  @Override
  public boolean rounds(GroupLayout layout) {
    return compiled.isPresent() || layout.fitsSixteenBits();
  }

  @Override
  public RoundedTokens round(GroupLayout layout, FloatRows inputs, Scratch scratch) {
    return compiled.isPresent()
        ? compiled.get().round(layout, inputs, scratch)
        : IntegerTokens.of(layout, inputs, scratch, VectorMatrixKernels::products);
  }

  private static void products(
      RowGroups groups, int first, int rows, IntegerInput input, float[] sums, Scratch scratch) {
    GroupLayout layout = groups.layout();
    int[] dots = scratch.dots(IntegerDot.room(layout));
    float[] found = scratch.vectors;
    // Groups that are multiplied at once lie half the rows apart: two streams of memory, each from
    // one end of its half to the other. Of neighbours each would begin anew with every group, and
    // the processor foresees what is read only some lines later.
    int half = (rows + 2 * RowGroups.ROWS - 1) / (2 * RowGroups.ROWS) * RowGroups.ROWS;
    int step = IntegerDot.GROUPS == 2 ? half : rows;
    for (int row = 0; row < step; row += RowGroups.ROWS) {
      long group = groups.addressOf(first + row);
      int other = row + step;
      long apart = other < rows ? groups.addressOf(first + other) - group : 0;
      IntegerDot.products(layout, group, apart, groups.units(), input, dots, found);
      System.arraycopy(found, 0, sums, row, Math.min(RowGroups.ROWS, rows - row));
      if (other < rows) {
        int count = Math.min(RowGroups.ROWS, rows - other);
        System.arraycopy(found, RowGroups.ROWS, sums, other, count);
      }
    }
  }

  @Override
  public void dot(
      RowGroups groups, int first, int rows, FloatRows inputs, float[] sums, Scratch scratch) {
    int tokens = inputs.count();
    GroupBatch batch = scratch.batch();
    batch.start(groups.layout(), inputs, scratch);
    for (int row = 0; row < rows; row += RowGroups.ROWS) {
      float[] found = batch.products(groups.addressOf(first + row), groups.units());
      for (int r = row; r < Math.min(row + RowGroups.ROWS, rows); r++) {
        for (int token = 0; token < tokens; token++) {
          sums[r * tokens + token] = found[token * RowGroups.ROWS + r - row];
        }
      }
    }
  }

  @Override
  public void dot(
      WeightType type, long weights, int rows, FloatRows inputs, float[] sums, Scratch scratch) {
    EightBitBatch.rows(weights, rows, inputs, sums, scratch);
  }

  @Override
  public boolean isTogether(WeightType type) {
    return type == WeightType.Q8_0;
  }

  @Override
  public int leastTogether() {
    return EightBitBatch.TOKENS;
  }

  // Measured with 256 bits and two threads (docs/performance.md): half precision gains by decoding
  // at once.
  @Override
  public int mostAlone(WeightType type) {
    return switch (type) {
      case F32, Q8_0 -> 8;
      case BF16 -> 4;
      case Q4_0, Q4_1, Q5_0, Q5_1 -> 2;
      case F16,
          F8_E4M3,
          F8_E5M2,
          IQ4_NL,
          MXFP4,
          Q4_K,
          Q5_K,
          Q6_K,
          IQ4_XS,
          Q2_K,
          Q3_K,
          TQ1_0,
          TQ2_0 ->
          1;
    };
  }

  private void decodedDot(
      WeightType type,
      long weights,
      int rows,
      int columns,
      long input,
      float[] sums,
      int at,
      float[] scratch) {
    long rowBytes = type.bytes(columns);
    Arrays.fill(sums, at, at + rows, 0);
    for (int row = 0; row < rows; row += ROWS) {
      int count = Math.min(ROWS, rows - row);
      for (int from = 0; from < columns; from += COLUMN_BLOCK) {
        int width = Math.min(COLUMN_BLOCK, columns - from);
        for (int r = 0; r < count; r++) {
          long address = weights + (row + r) * rowBytes + type.bytes(from);
          decode(type, address, width, scratch, r * COLUMN_BLOCK);
        }
        long blockInput = input + (long) from * Float.BYTES;
        ColumnBlockKernel.add(
            scratch, COLUMN_BLOCK, count, width, blockInput, columns, 1, sums, at + row);
      }
    }
  }

  @Override
  public void decode(WeightType type, long weights, int count, float[] values, int at) {
    GroupLayout layout = GroupLayout.of(type);
    if (passes != null && layout != null) {
      passes.decode(layout, weights, count, values, at);
      return;
    }
    switch (type) {
      case F32 -> MemorySegment.copy(Memory.ALL, Memory.FLOAT, weights, values, at, count);
      case BF16 -> BlockDecoders.bf16(weights, count, values, at);
      case F16 -> BlockDecoders.f16(weights, count, values, at);
      case F8_E4M3 -> SmallDecoders.fourThree(weights, count, values, at);
      case F8_E5M2 -> SmallDecoders.fiveTwo(weights, count, values, at);
      case Q8_0 -> BlockDecoders.eightBits(weights, count, values, at);
      case Q4_0 -> BlockDecoders.even(weights, count, values, at);
      case IQ4_NL -> BlockDecoders.uneven(weights, count, values, at);
      case MXFP4 -> BlockDecoders.fourBitFloats(weights, count, values, at);
      case Q4_1 -> BlockDecoders.affine4(weights, count, values, at);
      case Q5_0 -> BlockDecoders.symmetric5(weights, count, values, at);
      case Q5_1 -> BlockDecoders.affine5(weights, count, values, at);
      case Q4_K -> BlockDecoders.superBlocks(4, weights, count, values, at);
      case Q5_K -> BlockDecoders.superBlocks(5, weights, count, values, at);
      case Q6_K -> BlockDecoders.sixBits(weights, count, values, at);
      case IQ4_XS -> SmallDecoders.unevenParts(weights, count, values, at);
      case Q2_K -> SmallDecoders.twoBits(weights, count, values, at);
      case Q3_K -> SmallDecoders.threeBits(weights, count, values, at);
      case TQ1_0 -> SmallDecoders.fives(weights, count, values, at);
      case TQ2_0 -> SmallDecoders.ternary(weights, count, values, at);
    }
  }

  @Override
  public void addColumnBlock(
      float[] columnBlock,
      int stride,
      int rows,
      int count,
      long inputs,
      long inputStride,
      int tokens,
      float[] sums,
      int at) {
    ColumnBlockKernel.add(columnBlock, stride, rows, count, inputs, inputStride, tokens, sums, at);
  }

  @Override
  public void norm(long input, int columns, Normalization norm, long output, boolean bf16) {
    if (passes != null && !bf16) {
      passes.norm(input, columns, norm, output);
      return;
    }
    switch (norm.kind()) {
      case RMS -> VectorNorms.rms(input, columns, norm.epsilon(), norm.gainAddress(), output, bf16);
      case LAYER -> VectorNorms.layer(input, columns, norm, output, bf16);
    }
  }

  private static FloatVector get(long source, int index, boolean bf16) {
    return bf16
        ? Lanes.bf16(source + (long) index * Short.BYTES)
        : Lanes.floats(source + (long) index * Float.BYTES);
  }

  static void put(FloatVector values, long target, int index, boolean bf16) {
    if (bf16) {
      Lanes.putBf16(values, target + (long) index * Short.BYTES);
    } else {
      Lanes.put(values, target + (long) index * Float.BYTES);
    }
  }

  private static FloatVector gated(FloatVector gate, FloatVector up) {
    return gate.div(Exponential.of(gate.neg()).add(1f)).mul(up);
  }

  @Override
  public void activate(Activation activation, float[] values, int count) {
    VectorActivations.activate(activation, values, count);
  }

  @Override
  public void gate(Gating gating, float[] gate, float[] up, int count) {
    if (gating.isSilu()) {
      siluGate(gate, up, count);
    } else {
      VectorActivations.gate(gating, gate, up, count);
    }
  }

  private void siluGate(float[] gate, float[] up, int count) {
    int whole = Lanes.whole(count);
    if (passes != null) {
      passes.siluGate(gate, up, count);
    } else {
      siluGateOfVectors(gate, up, whole);
    }
    for (int i = whole; i < count; i++) {
      gate[i] = (float) Gating.SILU.of(gate[i], up[i]);
    }
  }

  private static void siluGateOfVectors(float[] gate, float[] up, int whole) {
    for (int i = 0; i < whole; i += Lanes.COUNT) {
      FloatVector x = FloatVector.fromArray(Lanes.FLOATS, gate, i);
      gated(x, FloatVector.fromArray(Lanes.FLOATS, up, i)).intoArray(gate, i);
    }
  }

  @Override
  public void store(Output output, int first, int rows, float[] sums) {
    if (passes == null) {
      MatrixKernels.super.store(output, first, rows, sums);
    } else {
      passes.store(output, first, rows, sums);
    }
  }

  @Override
  public float notFinite(WeightType type, long address, long count) {
    return passes == null
        ? MatrixKernels.super.notFinite(type, address, count)
        : NotFinite.find(type, address, count, passes::firstNotFinite);
  }

  @Override
  public void pack(WeightMatrix weight, GroupLayout layout, int first, int rows, long to) {
    if (passes == null) {
      MatrixKernels.super.pack(weight, layout, first, rows, to);
    } else {
      passes.pack(weight, layout, first, rows, to);
    }
  }

  // Written out: this is called beside larger loops in methods where the compiler stops inlining
  // our own methods, and then [Lanes#putBf16] would get each vector as an object.
  @Override
  public void narrow(float[] values, int count, long target) {
    int whole = Lanes.whole(count);
    for (int i = 0; i < whole; i += Lanes.COUNT) {
      IntVector bits = FloatVector.fromArray(Lanes.FLOATS, values, i).reinterpretAsInts();
      IntVector upper = bits.lanewise(VectorOperators.LSHR, 16);
      IntVector rounded = bits.add(0x7fff).add(upper.and(1)).lanewise(VectorOperators.LSHR, 16);
      VectorMask<Integer> notANumber = bits.and(0x7fffffff).compare(VectorOperators.GT, 0x7f800000);
      ((ShortVector)
              rounded
                  .blend(upper.or(0x40), notANumber)
                  .convertShape(VectorOperators.I2S, Lanes.SHORTS, 0))
          .intoMemorySegment(Memory.ALL, target + (long) i * Short.BYTES, Memory.ORDER);
    }
    for (int i = whole; i < count; i++) {
      Memory.putShort(target + (long) i * Short.BYTES, Bfloat16.round(values[i]));
    }
  }

  @Override
  public void narrow(long values, int count, long target) {
    int whole = Lanes.whole(count);
    for (int i = 0; i < whole; i += Lanes.COUNT) {
      put(get(values, i, false), target, i, true);
    }
    ScalarMatrixKernels.narrow(values, whole, count, target);
  }

  @Override
  public void store(
      long products, boolean bf16, int count, long target, boolean add, float factor) {
    int whole = Lanes.whole(count);
    if (factor == 1) {
      store(products, bf16, whole, target, add);
    } else {
      storeScaled(products, bf16, whole, target, add, factor);
    }
    ScalarMatrixKernels.store(products, bf16, whole, count, target, add, factor);
  }

  private static void store(long products, boolean bf16, int whole, long target, boolean add) {
    for (int i = 0; i < whole; i += Lanes.COUNT) {
      FloatVector product = get(products, i, bf16);
      put(add ? get(target, i, false).add(product) : product, target, i, false);
    }
  }

  private static void storeScaled(
      long products, boolean bf16, int whole, long target, boolean add, float factor) {
    for (int i = 0; i < whole; i += Lanes.COUNT) {
      FloatVector product = get(products, i, bf16).mul(factor);
      put(add ? get(target, i, false).add(product) : product, target, i, false);
    }
  }
}

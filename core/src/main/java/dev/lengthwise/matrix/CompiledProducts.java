package dev.lengthwise.matrix;

import dev.lengthwise.compiled.CompiledKernels;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/// Products of [RowGroups] with activations of 8 bits that are compiled from C
/// (`src/main/c/products.h`): they use instructions which multiply and add bytes, and which the
/// Vector API does not have. Several tokens share what unpacks the weights.
///
/// Results are those of [GroupIntegers] to the bit. A call takes as long as a task: some 10 µs with
/// one token, some 100 with 16. Memory outside the Java heap is given by its address: for a segment
/// each call would count its users, in one place for all threads.
final class CompiledProducts {

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

  private final int bits;
  private final long blockBytes; // of the rounded activations of a block
  private final MethodHandle round;
  private final MethodHandle products;
  private final MethodHandle multiply;
  private final MethodHandle multiplySilu;

  private CompiledProducts(CompiledKernels kernels) {
    this.bits = kernels.bits();
    this.blockBytes = bytesOfBlock(kernels);
    this.round =
        kernels.function("lengthwise_round", FunctionDescriptor.ofVoid(INT, INT, LONG, INT, LONG));
    this.products =
        kernels.function(
            "lengthwise_products",
            FunctionDescriptor.ofVoid(INT, INT, LONG, INT, INT, LONG, INT, ValueLayout.ADDRESS));
    this.multiply =
        kernels.function(
            "lengthwise_multiply",
            FunctionDescriptor.ofVoid(
                INT,
                INT,
                LONG,
                INT,
                INT,
                LONG,
                INT,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_FLOAT,
                LONG,
                INT,
                INT,
                ValueLayout.ADDRESS,
                INT));
    this.multiplySilu =
        kernels.function(
            "lengthwise_multiply_silu",
            FunctionDescriptor.ofVoid(
                INT,
                INT,
                LONG,
                LONG,
                INT,
                INT,
                LONG,
                INT,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                LONG,
                INT,
                INT,
                ValueLayout.ADDRESS,
                INT));
  }

  /// Those of [CompiledKernels#best()].
  static Optional<CompiledProducts> best() {
    return CompiledKernels.best().map(CompiledProducts::new);
  }

  /// Those of vectors of so many bits at most.
  static Optional<CompiledProducts> ofBits(int most) {
    return CompiledKernels.ofBits(most).map(CompiledProducts::new);
  }

  /// Rounds tokens, into memory of a thread's scratch.
  RoundedTokens round(GroupLayout layout, FloatRows rows, Scratch scratch) {
    long bytes = rows.columns() / IntegerInput.BLOCK * blockBytes;
    MemorySegment memory = scratch.tokens(layout, bytes * rows.count());
    long tokens = memory.address();
    for (int token = 0; token < rows.count(); token++) {
      round(layout, rows.addressOf(token), rows.columns(), tokens + token * bytes);
    }
    return new Tokens(layout, memory, rows.columns(), rows.count());
  }

  // Tokens, with their memory, which lives as long.
  private final class Tokens implements RoundedTokens {

    private final GroupLayout layout;
    private final MemorySegment memory;
    private final int columns;
    private final int count;

    Tokens(GroupLayout layout, MemorySegment memory, int columns, int count) {
      this.layout = layout;
      this.memory = memory;
      this.columns = columns;
      this.count = count;
    }

    @Override
    public void products(RowGroups groups, int first, int rows, float[] sums, Scratch own) {
      try {
        products.invokeExact(
            bits,
            number(layout),
            groups.addressOf(first),
            rows,
            columns,
            memory.address(),
            count,
            MemorySegment.ofArray(sums));
      } catch (Throwable e) {
        throw CompiledKernels.thrown(e);
      }
    }

    // In one call: a call costs as much as a hundred products until Java is compiled.
    @Override
    public void multiply(
        MatrixKernels kernels,
        Output output,
        RowGroups groups,
        int first,
        int rows,
        float[] sums,
        Scratch own) {
      float[] bias = output.bias();
      int[] places = output.places();
      MemorySegment ofBias = bias == null ? MemorySegment.NULL : MemorySegment.ofArray(bias);
      MemorySegment ofPlaces = places == null ? MemorySegment.NULL : MemorySegment.ofArray(places);
      try {
        multiply.invokeExact(
            bits,
            number(layout),
            groups.addressOf(first),
            rows,
            columns,
            memory.address(),
            count,
            MemorySegment.ofArray(sums),
            ofBias,
            output.factor(),
            output.target().addressOf(0),
            output.target().columns(),
            first,
            ofPlaces,
            output.add() ? 1 : 0);
      } catch (Throwable e) {
        throw CompiledKernels.thrown(e);
      }
    }

    @Override
    public void multiplySilu(
        MatrixKernels kernels,
        Output up,
        RowGroups ofGate,
        RowGroups ofUp,
        int first,
        int rows,
        float[] gates,
        float[] ups,
        Scratch own) {
      if (rows * count % RowGroups.ROWS != 0) { // C has whole vectors only
        RoundedTokens.super.multiplySilu(kernels, up, ofGate, ofUp, first, rows, gates, ups, own);
        return;
      }
      int[] places = up.places();
      MemorySegment ofPlaces = places == null ? MemorySegment.NULL : MemorySegment.ofArray(places);
      try {
        multiplySilu.invokeExact(
            bits,
            number(layout),
            ofGate.addressOf(first),
            ofUp.addressOf(first),
            rows,
            columns,
            memory.address(),
            count,
            MemorySegment.ofArray(gates),
            MemorySegment.ofArray(ups),
            up.target().addressOf(0),
            up.target().columns(),
            first,
            ofPlaces,
            up.add() ? 1 : 0);
      } catch (Throwable e) {
        throw CompiledKernels.thrown(e);
      }
    }
  }

  private static long bytesOfBlock(CompiledKernels kernels) {
    MethodHandle tokenBytes =
        kernels.function("lengthwise_token_bytes", FunctionDescriptor.of(LONG, INT));
    try {
      return (long) tokenBytes.invokeExact(IntegerInput.BLOCK);
    } catch (Throwable e) {
      throw CompiledKernels.thrown(e);
    }
  }

  private void round(GroupLayout layout, long input, int columns, long token) {
    try {
      round.invokeExact(bits, number(layout), input, columns, token);
    } catch (Throwable e) {
      throw CompiledKernels.thrown(e);
    }
  }

  // As `kernels.c` numbers them.
  static int number(GroupLayout layout) {
    return switch (layout) {
      case Q4_0 -> 0;
      case Q4_K -> 1;
      case Q5_K -> 2;
      case Q6_K -> 3;
      case IQ4_NL -> 4;
      case IQ4_XS -> 5;
      case MXFP4 -> 6;
      case Q8_0 -> 7;
    };
  }
}

package dev.lengthwise.matrix;

import dev.lengthwise.compiled.CompiledKernels;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/// Passes over the activations and weights of single tokens that are compiled from C
/// (`activations.h`, `packing.h`), with the results of their twins on the Vector API of the same
/// width to the bit.
///
/// They are there for the first tokens: until the compiler has come to a kernel on the Vector API,
/// each of its vectors is an object, and it takes a hundred times as long.
///
/// @param bits of a vector
record CompiledPasses(
    int bits,
    MethodHandle dot,
    MethodHandle norm,
    MethodHandle siluGate,
    MethodHandle store,
    MethodHandle pack,
    MethodHandle decode,
    MethodHandle notFinite) {

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

  private static CompiledPasses of(CompiledKernels kernels) {
    return new CompiledPasses(
        kernels.bits(),
        kernels.function(
            "lengthwise_dot",
            FunctionDescriptor.ofVoid(
                INT, INT, LONG, LONG, INT, INT, LONG, ValueLayout.ADDRESS, INT)),
        kernels.function(
            "lengthwise_norm",
            FunctionDescriptor.ofVoid(
                INT, INT, LONG, INT, ValueLayout.JAVA_DOUBLE, LONG, LONG, LONG)),
        kernels.function(
            "lengthwise_silu_gate",
            FunctionDescriptor.ofVoid(INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, INT)),
        kernels.function(
            "lengthwise_store",
            FunctionDescriptor.ofVoid(
                ValueLayout.ADDRESS, INT, INT, LONG, INT, INT, ValueLayout.ADDRESS, INT)),
        kernels.function(
            "lengthwise_pack", FunctionDescriptor.ofVoid(INT, LONG, LONG, INT, INT, LONG)),
        kernels.function(
            "lengthwise_decode",
            FunctionDescriptor.ofVoid(INT, LONG, INT, ValueLayout.ADDRESS, INT)),
        kernels.function("lengthwise_not_finite", FunctionDescriptor.of(LONG, LONG, LONG, LONG)));
  }

  /// Those of [CompiledKernels#ofSameWidth()].
  static Optional<CompiledPasses> best() {
    return CompiledKernels.ofSameWidth().map(CompiledPasses::of);
  }

  /// Whether rows of a type are multiplied as they lie in the file.
  static boolean multiplies(WeightType type) {
    return number(type) >= 0;
  }

  /// As [MatrixKernels#dot(WeightType, long, int, int, long, float[], int, Scratch)], of a type
  /// that it [#multiplies].
  void dot(WeightType type, long weights, int rows, int columns, long input, float[] sums, int at) {
    try {
      dot()
          .invokeExact(
              bits,
              number(type),
              weights,
              type.bytes(columns),
              rows,
              columns,
              input,
              MemorySegment.ofArray(sums),
              at);
    } catch (Throwable e) {
      throw CompiledKernels.thrown(e);
    }
  }

  // As `kernels.c` numbers them; −1 for all others.
  private static int number(WeightType type) {
    return switch (type) {
      case F32 -> 0;
      case BF16 -> 1;
      case F16 -> 2;
      case Q8_0 -> 3;
      default -> -1;
    };
  }

  /// As [MatrixKernels#norm], to f32.
  void norm(long input, int columns, Normalization norm, long output) {
    int centred = norm.kind() == Normalization.Kind.LAYER ? 1 : 0;
    try {
      norm()
          .invokeExact(
              bits,
              centred,
              input,
              columns,
              norm.epsilon(),
              norm.gainAddress(),
              norm.biasAddress(),
              output);
    } catch (Throwable e) {
      throw CompiledKernels.thrown(e);
    }
  }

  /// `gate[i] = silu(gate[i]) · up[i]` of as many as fill whole vectors.
  void siluGate(float[] gate, float[] up, int count) {
    try {
      siluGate().invokeExact(bits, MemorySegment.ofArray(gate), MemorySegment.ofArray(up), count);
    } catch (Throwable e) {
      throw CompiledKernels.thrown(e);
    }
  }

  /// As [MatrixKernels#store(Output, int, int, float[])].
  void store(Output output, int first, int rows, float[] sums) {
    int[] found = output.places();
    MemorySegment places = found == null ? MemorySegment.NULL : MemorySegment.ofArray(found);
    try {
      store()
          .invokeExact(
              MemorySegment.ofArray(sums),
              rows,
              output.target().count(),
              output.target().addressOf(0),
              output.target().columns(),
              first,
              places,
              output.add() ? 1 : 0);
    } catch (Throwable e) {
      throw CompiledKernels.thrown(e);
    }
  }

  /// As [RowPacking#pack].
  void pack(WeightMatrix weight, GroupLayout layout, int first, int rows, long to) {
    try {
      pack()
          .invokeExact(
              CompiledProducts.number(layout),
              weight.addressOf(first),
              weight.rowBytes(),
              rows,
              weight.columns(),
              to);
    } catch (Throwable e) {
      throw CompiledKernels.thrown(e);
    }
  }

  /// As [MatrixKernels#decode], of a type that has a layout.
  void decode(GroupLayout layout, long weights, int count, float[] values, int at) {
    try {
      decode()
          .invokeExact(
              CompiledProducts.number(layout), weights, count, MemorySegment.ofArray(values), at);
    } catch (Throwable e) {
      throw CompiledKernels.thrown(e);
    }
  }

  /// As [NotFinite.HalfSearch#firstNotFinite].
  long firstNotFinite(long first, long count, long step) {
    try {
      return (long) notFinite().invokeExact(first, count, step);
    } catch (Throwable e) {
      throw CompiledKernels.thrown(e);
    }
  }
}

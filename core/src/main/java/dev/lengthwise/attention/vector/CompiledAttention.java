package dev.lengthwise.attention.vector;

import dev.lengthwise.attention.CacheType;
import dev.lengthwise.compiled.CompiledKernels;
import dev.lengthwise.parallel.VectorWidth;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/// Attention of a few rows to a page that is compiled from C (`src/main/c/attention.h`), with the
/// results of the kernels in Java of the same width to the bit.
///
/// It is there for pages that come from memory: little but loads lies between one and the next, so
/// that the processor goes on reading ahead.
///
/// @param bits of a vector
/// @param attend `lengthwise_attend`
record CompiledAttention(int bits, MethodHandle attend) {

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

  private static CompiledAttention of(CompiledKernels kernels) {
    return new CompiledAttention(
        kernels.bits(),
        kernels.function(
            "lengthwise_attend",
            FunctionDescriptor.ofVoid(
                INT,
                INT,
                ValueLayout.ADDRESS,
                INT,
                ValueLayout.ADDRESS,
                INT,
                INT,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS)));
  }

  /// That of [CompiledKernels#best()], of the width of the kernels in Java, which it shares texts
  /// with: at another, partial sums would be others.
  static Optional<CompiledAttention> best() {
    return CompiledKernels.best()
        .filter(kernels -> kernels.bits() == VectorWidth.bits())
        .map(CompiledAttention::of);
  }

  /// That of vectors of so many bits at most.
  static Optional<CompiledAttention> ofBits(int most) {
    return CompiledKernels.ofBits(most).map(CompiledAttention::of);
  }

  /// As [AttentionKernels#attend].
  void attend(
      AttentionKernels.PageHead keys,
      AttentionKernels.PageHead values,
      float[] queries,
      int rows,
      AttentionKernels.Softmax softmax) {
    try {
      attend.invokeExact(
          bits,
          number(keys.layout().type()),
          keys.memory(),
          keys.layout().size(),
          values.memory(),
          values.layout().size(),
          rows,
          MemorySegment.ofArray(queries),
          MemorySegment.ofArray(softmax.reference()),
          MemorySegment.ofArray(softmax.totals()),
          MemorySegment.ofArray(softmax.weighted()));
    } catch (Throwable e) {
      throw CompiledKernels.thrown(e);
    }
  }

  // As `kernels.c` numbers them.
  private static int number(CacheType type) {
    return switch (type) {
      case F32 -> 0;
      case BF16 -> 1;
      case Q8_0 -> 2;
    };
  }
}

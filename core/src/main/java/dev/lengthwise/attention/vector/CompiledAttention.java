package dev.lengthwise.attention.vector;

import dev.lengthwise.attention.CacheType;
import dev.lengthwise.compiled.CompiledKernels;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Attention of a few rows of some heads to pages that is compiled from C
/// (`src/main/c/attention.h`), with the results of the kernels in Java of the same width to the
/// bit.
///
/// It is there for pages that come from memory: little but loads lies between one and the next,
/// so that the processor goes on reading ahead.
///
/// @param bits of a vector
/// @param attend `lengthwise_attend`
/// @param rotate `lengthwise_rotate`
record CompiledAttention(int bits, MethodHandle attend, MethodHandle rotate) {

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

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
                LONG,
                INT,
                LONG,
                INT,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                INT,
                INT,
                INT,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS)),
        kernels.function(
            "lengthwise_rotate",
            FunctionDescriptor.ofVoid(ValueLayout.ADDRESS, INT, ValueLayout.ADDRESS, INT, INT)));
  }

  /// That of [CompiledKernels#ofSameWidth()].
  static Optional<CompiledAttention> best() {
    return CompiledKernels.ofSameWidth().map(CompiledAttention::of);
  }

  /// That of vectors of so many bits at most.
  static Optional<CompiledAttention> ofBits(int most) {
    return CompiledKernels.ofBits(most).map(CompiledAttention::of);
  }

  /// As [AttentionKernels#attend].
  void attend(
      AttentionKernels.Pages pages,
      AttentionKernels.@Nullable Runs runs,
      float[] queries,
      int rows,
      AttentionKernels.Softmax softmax) {
    long keyBytes = pages.keys().headBytes();
    long valueBytes = pages.values().headBytes();
    long[] addresses = new long[2 * pages.count()];
    for (int page = 0; page < pages.count(); page++) {
      addresses[2 * page] = pages.keyPages()[page].address() + pages.firstHead() * keyBytes;
      addresses[2 * page + 1] = pages.valuePages()[page].address() + pages.firstHead() * valueBytes;
    }
    MemorySegment from = runs == null ? MemorySegment.NULL : ofRuns(runs.from(), runs);
    MemorySegment until = runs == null ? MemorySegment.NULL : ofRuns(runs.until(), runs);
    try {
      attend.invokeExact(
          bits,
          number(pages.keys().type()),
          MemorySegment.ofArray(addresses),
          pages.count(),
          keyBytes,
          pages.keys().size(),
          valueBytes,
          pages.values().size(),
          from,
          until,
          runs == null ? 1 : runs.group(),
          pages.heads(),
          rows,
          MemorySegment.ofArray(queries),
          MemorySegment.ofArray(softmax.reference()),
          MemorySegment.ofArray(softmax.totals()),
          MemorySegment.ofArray(softmax.weighted()));
    } catch (Throwable e) {
      throw CompiledKernels.thrown(e);
    }
  }

  private static MemorySegment ofRuns(int[] of, AttentionKernels.Runs runs) {
    return MemorySegment.ofArray(of).asSlice((long) runs.at() * Integer.BYTES);
  }

  /// As [AttentionKernels#rotate].
  void rotate(float[] vectors, int at, float[] phases, int token, int pairs) {
    try {
      rotate.invokeExact(
          MemorySegment.ofArray(vectors), at, MemorySegment.ofArray(phases), token, pairs);
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

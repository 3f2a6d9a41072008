package dev.lengthwise.cache;

import dev.lengthwise.attention.CacheType;
import dev.lengthwise.attention.HeadRows;
import dev.lengthwise.compiled.CompiledKernels;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// [PageWriter] for f32 and bf16, with what turns keys, compiled from C: the same bits. Memory is
/// written slowly by Java that is not compiled yet, and every token is written in all layers.
///
/// @param write `lengthwise_write`
record CompiledPageWriter(MethodHandle write) {

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

  /// That of [CompiledKernels#best()]; it has no vectors of a width of its own.
  static Optional<CompiledPageWriter> best() {
    return CompiledKernels.best().map(CompiledPageWriter::of);
  }

  private static CompiledPageWriter of(CompiledKernels kernels) {
    return new CompiledPageWriter(
        kernels.function(
            "lengthwise_write",
            FunctionDescriptor.ofVoid(
                INT, LONG, LONG, INT, INT, INT, INT, LONG, LONG, ValueLayout.ADDRESS, INT, INT)));
  }

  /// Whether it writes such pages.
  static boolean takes(PageLayout layout) {
    return layout.type() != CacheType.Q8_0;
  }

  /// Writes one token of neighbouring heads.
  ///
  /// @param head first head
  /// @param token place within the page
  /// @param rows keys or values, outside the Java heap
  /// @param row of the token in `rows`
  /// @param phases `[tokens, 2, pairs]` that turn keys; `null` where they stay as they are
  void write(
      PageLayout layout,
      MemorySegment page,
      int head,
      int heads,
      int token,
      HeadRows rows,
      int row,
      float @Nullable [] phases) {
    int first = layout.element(token, 0);
    int step = layout.element(token, 1) - first;
    int type = layout.type() == CacheType.F32 ? 0 : 1; // as `kernels.c` numbers them
    int pairs = phases == null ? 0 : phases.length / (2 * PageLayout.KEYS);
    MemorySegment turns = phases == null ? MemorySegment.NULL : MemorySegment.ofArray(phases);
    try {
      write.invokeExact(
          type,
          page.address() + head * layout.headBytes(),
          layout.headBytes(),
          heads,
          first,
          step,
          layout.size(),
          rows.address(head, row),
          rows.headStride(),
          turns,
          token,
          pairs);
    } catch (Throwable e) {
      throw CompiledKernels.thrown(e);
    }
  }
}

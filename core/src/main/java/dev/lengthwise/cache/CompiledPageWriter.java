package dev.lengthwise.cache;

import dev.lengthwise.attention.CacheType;
import dev.lengthwise.compiled.CompiledKernels;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/// [PageWriter] for f32 and bf16, compiled from C: the same bits. Memory is written slowly by Java
/// that is not compiled yet, and every token of a text is written in all layers.
///
/// @param write `lengthwise_write`
record CompiledPageWriter(MethodHandle write) {

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

  /// That of [CompiledKernels#best()]; it has no vectors of a width of its own.
  static Optional<CompiledPageWriter> best() {
    return CompiledKernels.best()
        .map(
            kernels ->
                new CompiledPageWriter(
                    kernels.function(
                        "lengthwise_write",
                        FunctionDescriptor.ofVoid(
                            INT, ValueLayout.JAVA_LONG, INT, INT, INT, ValueLayout.ADDRESS, INT))));
  }

  /// As [PageWriter#write]; not for q8_0.
  void write(PageLayout layout, MemorySegment page, int head, int token, float[] vector, int from) {
    int first = layout.element(token, 0);
    int step = layout.element(token, 1) - first;
    int type = layout.type() == CacheType.F32 ? 0 : 1; // as `kernels.c` numbers them
    try {
      write.invokeExact(
          type,
          page.address() + head * layout.headBytes(),
          first,
          step,
          layout.size(),
          MemorySegment.ofArray(vector),
          from);
    } catch (Throwable e) {
      throw CompiledKernels.thrown(e);
    }
  }
}

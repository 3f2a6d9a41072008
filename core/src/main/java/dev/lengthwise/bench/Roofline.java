package dev.lengthwise.bench;

import dev.lengthwise.parallel.PeakKernel;
import dev.lengthwise.parallel.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// The limits of the machine that the program is held against, measured in the same process.
public sealed interface Roofline extends Benchmark {

  /// Fused multiply-adds of single precision out of registers, on all threads.
  record MultiplyAdd(Workers workers) implements Roofline {
    private static final int CALLS = 30_000;

    @Override
    public Work work() {
      return new Work(0, (double) workers.threads() * PeakKernel.operations(CALLS), 0);
    }

    @Override
    public void run() {
      PeakKernel.multiplyAdd(workers, CALLS);
    }
  }

  /// Reading memory that no cache holds, on all threads.
  final class Reading implements Roofline {
    private static final int PASSES = 4;

    /// Some half a second, before which the loop may not have been compiled yet.
    private static final int WARM_UP = 16;

    private final Workers workers;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;

    /// Reads `bytes` bytes, which should be many times the size of the caches.
    public Reading(Workers workers, long bytes) {
      this.workers = workers;
      this.memory = arena.allocate(bytes, 64);
      memory.fill((byte) 1); // pages that were never written share one page of zeros
      read(WARM_UP);
    }

    private void read(int passes) {
      for (int pass = 0; pass < passes; pass++) {
        PeakKernel.sum(workers, memory);
      }
    }

    @Override
    public Work work() {
      return new Work(0, 0, (double) PASSES * memory.byteSize());
    }

    @Override
    public void run() {
      read(PASSES);
    }

    @Override
    public void close() {
      arena.close();
    }
  }

  /// libtorch's product of bf16 matrices, `[rows, inputs] · [outputs, inputs]ᵀ`.
  final class Product implements Roofline {
    // Where a processor has no instructions for bf16, one product takes seconds and is long enough.
    private static final int TIMES = 4;
    private static final long LONG_ENOUGH = 500_000_000L;

    private final Tensor input;
    private final Tensor weight;
    private final int times;

    /// A product of these sizes.
    public Product(int rows, int inputs, int outputs) {
      try (PointerScope _ = new PointerScope()) {
        this.input = bfloat16(rows, inputs).retainReference();
        this.weight = bfloat16(outputs, inputs).retainReference();
      }
      long start = System.nanoTime();
      multiply();
      this.times = System.nanoTime() - start < LONG_ENOUGH ? TIMES : 1;
    }

    private void multiply() {
      try (PointerScope _ = new PointerScope()) {
        torch.linear(input, weight);
      }
    }

    private static Tensor bfloat16(long rows, long columns) {
      return torch.randn(new long[] {rows, columns}).to(torch.ScalarType.BFloat16);
    }

    @Override
    public Work work() {
      return new Work(0, 2.0 * times * input.size(0) * input.size(1) * weight.size(0), 0);
    }

    @Override
    public void run() {
      for (int time = 0; time < times; time++) {
        multiply();
      }
    }

    @Override
    public void close() {
      input.close();
      weight.close();
    }
  }
}

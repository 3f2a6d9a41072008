package dev.lengthwise.kernels;

import dev.lengthwise.parallel.PeakKernel;
import dev.lengthwise.parallel.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// The limits of one thread that every kernel is held against.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
public class PeakBenchmark {

  /// Each is 32,768 fused multiply-adds of whole vectors, of 2 · lanes operations each.
  public static final int CALLS = 5_000;

  /// Bytes that a call of [#read] reads.
  public static final long BYTES = 1L << 28;

  private final Workers workers = new Workers(1);
  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory = arena.allocate(BYTES, 64);

  /// Gives every page its own memory.
  @Setup
  public void fill() {
    memory.fill((byte) 1);
  }

  /// Arithmetic out of registers.
  @Benchmark
  public double multiplyAdd() {
    return PeakKernel.multiplyAdd(workers, CALLS);
  }

  /// Reading memory.
  @Benchmark
  public double read() {
    return PeakKernel.sum(workers, memory);
  }

  /// Releases the memory.
  @TearDown
  public void release() {
    arena.close();
    workers.close();
  }
}

package dev.lengthwise.kernels;

import dev.lengthwise.bench.SyntheticModel;
import dev.lengthwise.matrix.ActivationPrecision;
import dev.lengthwise.matrix.FloatRows;
import dev.lengthwise.matrix.MatrixProducts;
import dev.lengthwise.matrix.WeightMatrix;
import dev.lengthwise.parallel.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// One thread of a matrix–vector product, as decoding runs it, on weights as they are stored: the
/// kernels of this processor beside their scalar twins.
///
/// A product reads `rows · COLUMNS` weights: 32, 16, 8.5, 4.5, 4.5 and 6.5625 bits each, in the
/// order of the types. 256 rows stay in the second-level cache in the quantised types; 16,384 come
/// from memory. [PeakBenchmark] says how fast one thread reads.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "--add-modules=jdk.incubator.vector",
      "--enable-native-access=ALL-UNNAMED",
      "--sun-misc-unsafe-memory-access=allow"
    })
public class ProductBenchmark {

  /// Inputs of the product.
  public static final int COLUMNS = 2048;

  /// Which kernels: on the file's bytes, on rows side by side, on these with activations of 8 bits,
  /// or without vectors.
  @Param({"vector", "repacked", "integers", "scalar"})
  public String kernel = "vector";

  /// How weights are stored.
  @Param({"f32", "bf16", "q8_0", "q4_0", "q4_k", "q5_k", "q6_k"})
  public String type = "f32";

  /// Outputs of the product.
  @Param({"256", "16384"})
  public int rows;

  private final Workers workers = new Workers(1);
  private final Arena arena = Arena.ofShared();
  private final FloatRows input = FloatRows.allocate(arena, 1, COLUMNS);
  private Runnable product = () -> {};

  /// Makes random weights and activations.
  @Setup(Level.Trial)
  public void prepare() {
    SplittableRandom random = new SplittableRandom(1);
    for (int column = 0; column < COLUMNS; column++) {
      input.memory().setAtIndex(ValueLayout.JAVA_FLOAT, column, (float) random.nextGaussian());
    }
    WeightMatrix weight =
        SyntheticModel.matrix(SyntheticModel.weightType(type), rows, COLUMNS, random, arena);
    MatrixProducts products =
        switch (kernel) {
          case "vector" -> new MatrixProducts(workers, false);
          case "repacked" -> new MatrixProducts(workers, true);
          case "integers" -> new MatrixProducts(workers, true, ActivationPrecision.Q8);
          case "scalar" -> MatrixProducts.scalar(workers);
          default -> throw new IllegalArgumentException("no kernels are called " + kernel);
        };
    FloatRows output = FloatRows.allocate(arena, 1, rows);
    product = () -> products.multiply(weight, input, output);
  }

  /// All rows with one token.
  @Benchmark
  public void multiply() {
    product.run(); // its effect is memory outside the heap, which no compiler can leave out
  }

  /// Releases the memory.
  @TearDown(Level.Trial)
  public void release() {
    workers.close();
    arena.close();
  }
}

package dev.lengthwise.kernels;

import dev.lengthwise.attention.Attention;
import dev.lengthwise.attention.KeyValueRows;
import dev.lengthwise.attention.QueryRows;
import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.attention.vector.VectorAttention;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.RotaryTable;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
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

/// One thread of attention, plain rotary positions: the vector engine beside the reference engine,
/// its specification, for reading a text and for one token after it.
///
/// Operations of `prefill`: `4 · heads · headSize · tokens · (tokens + 1) / 2`; of `decode`:
/// `4 · heads · headSize · tokens`. [PeakBenchmark] says what one thread could do.
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
public class AttentionBenchmark {

  private static final int HEADS = 4;
  private static final int HEAD_SIZE = 64;

  /// Which engine.
  @Param({"vector", "reference"})
  public String engine = "vector";

  /// Tokens of the text.
  @Param({"256", "1024"})
  public int tokens;

  private final Workers workers = new Workers(1);
  private final AttentionPlan plan = AttentionPlan.plain(RotaryTable.geometric(10_000, HEAD_SIZE));
  private Attention attention = new VectorAttention(workers);
  private Tensor rows = new Tensor(); // [1, tokens, heads, headSize]
  private Tensor last = new Tensor(); // [1, 1, heads, headSize]

  /// Makes random queries, keys and values.
  @Setup(Level.Trial)
  public void prepare() {
    if (engine.equals("reference")) {
      attention = new ReferenceAttention();
    }
    try (PointerScope _ = new PointerScope()) {
      rows = torch.randn(new long[] {1, tokens, HEADS, HEAD_SIZE}).retainReference();
      last = torch.randn(new long[] {1, 1, HEADS, HEAD_SIZE}).retainReference();
    }
  }

  /// All tokens at once.
  @Benchmark
  public double prefill() {
    return attend(new QueryRows(rows, 0));
  }

  /// The last token alone.
  @Benchmark
  public double decode() {
    return attend(new QueryRows(last, tokens - 1L));
  }

  private double attend(QueryRows queries) {
    try (PointerScope _ = new PointerScope()) {
      Tensor attended = attention.attend(plan, queries, KeyValueRows.fromStart(rows, rows));
      return attended.data_ptr().address();
    }
  }

  /// Releases the memory.
  @TearDown(Level.Trial)
  public void release() {
    rows.close();
    last.close();
    workers.close();
  }
}

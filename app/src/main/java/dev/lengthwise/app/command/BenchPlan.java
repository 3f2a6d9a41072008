package dev.lengthwise.app.command;

import dev.lengthwise.bench.AttentionAlone;
import dev.lengthwise.bench.Benchmark;
import dev.lengthwise.bench.Decode;
import dev.lengthwise.bench.ModelWork;
import dev.lengthwise.bench.Prefill;
import dev.lengthwise.bench.ProductsAlone;
import dev.lengthwise.bench.Roofline;
import dev.lengthwise.bench.Training;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.train.SyntheticTraining;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Everything that one run of `bench` measures, in the order of its rows.
final class BenchPlan implements AutoCloseable {

  /// Many times the size of any cache.
  private static final long READ_BYTES = 1L << 30;

  /// The label of what llama.cpp does.
  static final String LLAMA = "llama.cpp";

  /// The task of [#first], beside that of the steady rate.
  static final String FIRST = "first 64 tokens";

  /// The task of writing one text; the names of those of several begin with it.
  static final String DECODE = "decode";

  private static final int FIRST_TOKENS = 64;

  private final BenchSubject subject;
  private final long memory;
  private final @Nullable LlamaBench beside;
  private final List<Entry> entries = new ArrayList<>();
  private @Nullable Entry first;

  /// @param memory bytes that texts may take beside the weights
  /// @param beside measures the same, after each row
  BenchPlan(BenchSubject subject, long memory, @Nullable LlamaBench beside) {
    this.subject = subject;
    this.memory = memory;
    this.beside = beside;
  }

  /// One row to be.
  ///
  /// @param task as in [dev.lengthwise.report.SpeedRow]
  /// @param label the method, or what a limit is
  /// @param length tokens, or depth
  /// @param benchmark what is timed
  record Entry(String task, String label, long length, Benchmark benchmark) {}

  List<Entry> entries() {
    return List.copyOf(entries);
  }

  /// What must run before everything else, once: no run before it may warm anything up.
  Optional<Entry> firstEntry() {
    return Optional.ofNullable(first);
  }

  /// Every row, that of [#firstEntry()] included.
  List<Entry> all() {
    return Stream.concat(firstEntry().stream(), entries.stream()).toList();
  }

  /// The first tokens that the process writes, while kernels are compiled and weights are mapped.
  void first(String method) {
    ModelWork work = new ModelWork(subject.inference(method, FIRST_TOKENS));
    first = new Entry(FIRST, method, 0, new Decode(work, 0, 1, FIRST_TOKENS));
  }

  /// The three limits of the machine.
  void limits() {
    add("limit", "fma f32", 0, new Roofline.MultiplyAdd(subject.workers()));
    add("limit", "read", 0, new Roofline.Reading(subject.workers(), READ_BYTES));
    linear();
  }

  /// The limit of matrix products, in two sizes of which the faster counts.
  void linear() {
    add("limit", "linear bf16 2048x2048x4096", 0, new Roofline.Product(2048, 2048, 4096));
    add("limit", "linear bf16 512x2048x8192", 0, new Roofline.Product(512, 2048, 8192));
  }

  /// Only the products of every prefill.
  void products(List<Integer> lengths, int chunk) {
    for (int length : lengths) {
      add("products", "linear bf16", length, new ProductsAlone(subject.spec(), length, chunk));
    }
  }

  /// Reading texts.
  void prefill(String method, List<Integer> lengths, int chunk) {
    for (int length : lengths) {
      InferenceModel inference = subject.inference(method, length);
      new BenchMemory(inference, 1, length, chunk).require(memory);
      ModelWork work = new ModelWork(inference);
      add("prefill", method, length, new Prefill(work, length, chunk));
      if (beside != null) {
        add("prefill", LLAMA, length, new LlamaRun(length, () -> beside.prefill(length, chunk)));
      }
    }
  }

  /// Writing after texts, in some texts at once.
  void decode(String method, List<Integer> depths, List<Integer> texts, int steps) {
    for (int depth : depths) {
      long tokens = (long) depth + steps;
      InferenceModel inference = subject.inference(method, tokens);
      ModelWork work = new ModelWork(inference);
      for (int count : texts) {
        new BenchMemory(inference, count, tokens, 1).require(memory);
        add(decodeTask(count), method, depth, new Decode(work, depth, count, steps));
      }
      if (beside != null) {
        add(DECODE, LLAMA, depth, new LlamaRun(steps, () -> beside.decode(depth, steps)));
      }
    }
  }

  /// The name of the row of so many texts at once.
  static String decodeTask(int texts) {
    return texts == 1 ? DECODE : "%s of %d texts".formatted(DECODE, texts);
  }

  /// Training steps.
  void training(String method, ModelSpec spec, SyntheticTraining.Size size, boolean bf16) {
    add("train", method, size.length(), new Training(spec, size, bf16));
  }

  /// Attention without a model.
  void attention(String method, int length, int chunk) {
    AttentionAlone alone =
        new AttentionAlone(
            subject.engine(), subject.plan(method, length), length, subject.cacheType(), chunk);
    add("attention", method, length, alone);
  }

  private void add(String task, String label, long length, Benchmark benchmark) {
    entries.add(new Entry(task, label, length, benchmark));
  }

  @Override
  public void close() {
    all().forEach(entry -> entry.benchmark().close());
  }
}

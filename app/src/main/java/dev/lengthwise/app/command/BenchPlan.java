package dev.lengthwise.app.command;

import dev.lengthwise.bench.AttentionAlone;
import dev.lengthwise.bench.Benchmark;
import dev.lengthwise.bench.Decode;
import dev.lengthwise.bench.ModelWork;
import dev.lengthwise.bench.Prefill;
import dev.lengthwise.bench.ProductsAlone;
import dev.lengthwise.bench.Roofline;
import dev.lengthwise.bench.Training;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.train.SyntheticTraining;
import java.util.ArrayList;
import java.util.List;

/// Everything that one run of `bench` measures, in the order of its rows.
final class BenchPlan implements AutoCloseable {

  /// Many times the size of any cache.
  private static final long READ_BYTES = 1L << 30;

  private final BenchSubject subject;
  private final List<Entry> entries = new ArrayList<>();

  BenchPlan(BenchSubject subject) {
    this.subject = subject;
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
  void prefill(String method, List<Integer> lengths, int chunk, double valueBytes) {
    for (int length : lengths) {
      ModelWork work = new ModelWork(subject.inference(method, length), valueBytes);
      add("prefill", method, length, new Prefill(work, length, chunk));
    }
  }

  /// Writing after texts.
  void decode(String method, List<Integer> depths, int steps, double valueBytes) {
    for (int depth : depths) {
      ModelWork work = new ModelWork(subject.inference(method, (long) depth + steps), valueBytes);
      add("decode", method, depth, new Decode(work, depth, steps));
    }
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
    entries.forEach(entry -> entry.benchmark().close());
  }
}

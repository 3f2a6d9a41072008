package dev.lengthwise.app.command;

import dev.lengthwise.bench.AttentionAlone;
import dev.lengthwise.bench.Decode;
import dev.lengthwise.bench.Timing;
import dev.lengthwise.bench.Work;
import dev.lengthwise.report.SpeedRow;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/// Turns times into rows: rates, and shares of the limits that were measured in the same turns.
///
/// @param entries what was measured
/// @param timings the times, in the same order
record BenchRows(List<BenchPlan.Entry> entries, List<Timing> timings) {

  private static final String PLAIN = "rope";

  /// One row for each entry.
  List<SpeedRow> rows() {
    return IntStream.range(0, entries.size()).mapToObj(this::row).toList();
  }

  private SpeedRow row(int index) {
    BenchPlan.Entry entry = entries.get(index);
    Timing timing = timings.get(index);
    Work work = entry.benchmark().work();
    double seconds = timing.median();
    return new SpeedRow(
        entry.task(),
        entry.label(),
        entry.length(),
        new SpeedRow.Time(seconds, timing.least(), timing.most(), timing.seconds().size()),
        new SpeedRow.Rate(
            work.tokens() / seconds, work.operations() / seconds, work.bytes() / seconds),
        entry.benchmark() instanceof Decode decode ? decode.cacheBytes() : 0,
        shares(entry, seconds));
  }

  private Map<String, Double> shares(BenchPlan.Entry entry, double seconds) {
    Map<String, Double> shares = new LinkedHashMap<>();
    Work work = entry.benchmark().work();
    switch (entry.task()) {
      case "prefill" -> {
        put(shares, "of bf16 linear", work.operations() / seconds, fastest("linear"));
        put(shares, "of its products' time", secondsOf("products", "", entry.length()), seconds);
      }
      case "products", "train" ->
          put(shares, "of bf16 linear", work.operations() / seconds, fastest("linear"));
      case BenchPlan.FIRST ->
          put(
              shares,
              "of the steady rate",
              work.tokens() / seconds,
              rate(entry.label(), BenchPlan.DECODE, entry));
      case "attention" -> {
        AttentionAlone alone = (AttentionAlone) entry.benchmark();
        OptionalDouble peak = fastest("fma");
        put(shares, "of FMA peak", work.operations() / seconds, peak);
        put(shares, "of FMA peak by tiles", alone.tileOperations() / seconds, peak);
        if (!entry.label().equals(PLAIN)) {
          OptionalDouble plain = secondsOf("attention", PLAIN, entry.length());
          put(shares, "the time of rope", seconds, plain);
        }
      }
      default -> {} // limits stand for themselves
    }
    if (entry.task().startsWith(BenchPlan.DECODE)) {
      put(shares, "of reading", work.bytes() / seconds, fastest("read"));
      if (!entry.task().equals(BenchPlan.DECODE)) {
        put(
            shares,
            "one text",
            work.tokens() / seconds,
            rate(entry.label(), BenchPlan.DECODE, entry));
      }
    }
    if (!entry.label().equals(BenchPlan.LLAMA)) {
      // The first tokens stand beside later ones.
      String task = entry.task().equals(BenchPlan.FIRST) ? BenchPlan.DECODE : entry.task();
      put(shares, BenchPlan.LLAMA, work.tokens() / seconds, rate(BenchPlan.LLAMA, task, entry));
    }
    return shares;
  }

  // Tokens a second of another row at the length of `entry`.
  private OptionalDouble rate(String label, String task, BenchPlan.Entry entry) {
    return IntStream.range(0, entries.size())
        .filter(index -> entries.get(index).task().equals(task))
        .filter(index -> entries.get(index).label().equals(label))
        .filter(index -> entries.get(index).length() == entry.length())
        .mapToDouble(
            index -> entries.get(index).benchmark().work().tokens() / timings.get(index).median())
        .findFirst();
  }

  private static void put(
      Map<String, Double> shares, String name, double part, OptionalDouble whole) {
    whole.ifPresent(value -> shares.put(name, part / value));
  }

  private static void put(
      Map<String, Double> shares, String name, OptionalDouble part, double whole) {
    part.ifPresent(value -> shares.put(name, value / whole));
  }

  // What the limits whose names begin so reach at most, in operations or bytes per second.
  private OptionalDouble fastest(String label) {
    ToDoubleFunction<Work> amount = work -> Math.max(work.operations(), work.bytes());
    return IntStream.range(0, entries.size())
        .filter(index -> entries.get(index).task().equals("limit"))
        .filter(index -> entries.get(index).label().startsWith(label))
        .mapToDouble(
            index ->
                amount.applyAsDouble(entries.get(index).benchmark().work())
                    / timings.get(index).median())
        .max();
  }

  private OptionalDouble secondsOf(String task, String label, long length) {
    return IntStream.range(0, entries.size())
        .filter(index -> entries.get(index).task().equals(task))
        .filter(index -> label.isEmpty() || entries.get(index).label().equals(label))
        .filter(index -> entries.get(index).length() == length)
        .mapToDouble(index -> timings.get(index).median())
        .findFirst();
  }
}

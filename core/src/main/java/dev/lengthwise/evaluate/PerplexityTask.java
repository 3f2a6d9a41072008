package dev.lengthwise.evaluate;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.evaluate.Measurement.Metric;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;

/// Loss by length and by position.
///
/// Every length scores the same targets: windows end at the same tokens of the document, and only
/// the last `scored` targets of a window count. So a longer context can only help, and the
/// difference between two lengths is the worth of the context (protocol of the ReRoPE repository).
///
/// Repeated texts tell memory from a good ear: a window is a piece of the document again and again,
/// and the piece is longer than the shortest length, so that the targets are known only to a model
/// that finds them far back. Source: J. Su (kexue.fm 9603), who tiles whole texts.
///
/// @param texts what windows hold
public record PerplexityTask(Texts texts) implements Task {

  private static final int RESAMPLES = 1000;

  /// What windows hold.
  public enum Texts {
    /// The document as it is.
    NATURAL,
    /// Pieces of the document, each repeated until the window is full.
    REPEATED
  }

  /// The task on natural texts.
  public PerplexityTask() {
    this(Texts.NATURAL);
  }

  @Override
  public String name() {
    return switch (texts) {
      case NATURAL -> "perplexity";
      case REPEATED -> "repeated";
    };
  }

  @Override
  public long cost(Axes axes) {
    return axes.lengths().stream().mapToLong(length -> (long) length * windows(axes)).sum();
  }

  @Override
  public void run(Subject subject, Axes axes, Consumer<Measurement> sink, Progress progress) {
    int longest = axes.longest();
    int scored = Math.min(axes.scored(), axes.shortest() - 1);
    int count = windows(axes);
    requireRoom(axes);
    for (int length : axes.lengths()) {
      List<TokenLosses> windows = new ArrayList<>();
      long start = System.nanoTime();
      for (int window = 0; window < count; window++) {
        int[] whole = window(axes, window);
        int[] ids = Arrays.copyOfRange(whole, longest - length, longest);
        boolean everyPosition = texts == Texts.NATURAL && length == longest;
        int first = everyPosition ? 0 : ids.length - 1 - scored;
        windows.add(TokenLosses.read(subject.inference(), ids, subject.chunk(), first));
        progress.advance(length);
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      report(axes, length, scored, windows, new Sink(sink, seconds));
    }
  }

  /// Checks that a text has room for the windows; [LengthwiseException] otherwise.
  static void requireRoom(Axes axes) {
    if (axes.document().length < axes.longest()) {
      throw new LengthwiseException(
          "The text has %1$d tokens, too few for windows of %2$d; give a longer text (-f) or --lengths of at most %1$d"
              .formatted(axes.document().length, axes.longest()));
    }
    if (axes.windows() > axes.document().length) {
      throw new LengthwiseException(
          axes.windows()
              + " windows are more than the text has tokens ("
              + axes.document().length
              + "); give a longer text (-f) or smaller --windows");
    }
  }

  /// Where measurements of one length go.
  ///
  /// @param seconds that all windows took
  private record Sink(Consumer<Measurement> sink, double seconds) {

    void put(Metric metric, int length, double value, long count) {
      sink.accept(new Measurement(metric, length, Double.NaN, value, count, seconds));
    }
  }

  private void report(Axes axes, int length, int scored, List<TokenLosses> windows, Sink sink) {
    double[] means =
        means(windows, one -> TokenLosses.mean(one.losses(), length - 1 - scored, length - 1));
    double[] hits = means(windows, one -> one.accuracy(length - 1 - scored, length - 1));
    long count = (long) scored * windows.size();
    switch (texts) {
      case NATURAL -> {
        sink.put(Metric.LOSS, length, mean(means), count);
        if (windows.size() > 1) {
          sink.put(Metric.LOSS_INTERVAL, length, halfInterval(means, axes.seed()), windows.size());
        }
        sink.put(Metric.ACCURACY, length, mean(hits), count);
        if (length == axes.longest()) {
          for (int position = 0; position < length - 1; position++) {
            int at = position;
            double loss = mean(means(windows, one -> one.losses()[at]));
            sink.put(Metric.LOSS_AT_POSITION, position + 1, loss, windows.size());
          }
        }
      }
      case REPEATED -> {
        sink.put(Metric.REPEATED_LOSS, length, mean(means), count);
        sink.put(Metric.REPEATED_ACCURACY, length, mean(hits), count);
      }
    }
  }

  private static double[] means(List<TokenLosses> windows, ToDoubleFunction<TokenLosses> of) {
    return windows.stream().mapToDouble(of).toArray();
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  /// The tokens of a window of the longest length.
  private int[] window(Axes axes, int window) {
    int end = windowEnd(axes, window);
    int longest = axes.longest();
    int[] ids = Arrays.copyOfRange(axes.document(), end - longest, end);
    return switch (texts) {
      case NATURAL -> ids;
      case REPEATED -> {
        int period = period(axes, window);
        for (int at = longest - period - 1; at >= 0; at--) {
          ids[at] = ids[at + period];
        }
        yield ids;
      }
    };
  }

  /// Tokens of the piece that a window repeats: longer than the shortest length where there is
  /// room, and at most half of the longest, so that every target has come before.
  static int period(Axes axes, int window) {
    int most = Math.max(1, axes.longest() / 2);
    int least = Math.min(most, axes.shortest());
    return new SplittableRandom(axes.seed() * 31 + window).nextInt(least, most + 1);
  }

  /// One past the last token of a window: windows are spread evenly and end where the longest one
  /// fits.
  static int windowEnd(Axes axes, int window) {
    int room = axes.document().length - axes.longest();
    int step = windows(axes) == 1 ? 0 : (int) ((long) room * window / (windows(axes) - 1));
    return axes.longest() + step;
  }

  /// Number of windows: a short text has room for few different ones, and the same one twice would
  /// say nothing new.
  static int windows(Axes axes) {
    return Math.clamp(axes.document().length - axes.longest() + 1L, 1, axes.windows());
  }

  // Half the width of the central 95 % of resampled means.
  private static double halfInterval(double[] values, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] means = new double[RESAMPLES];
    for (int resample = 0; resample < RESAMPLES; resample++) {
      double sum = 0;
      for (int draw = 0; draw < values.length; draw++) {
        sum += values[random.nextInt(values.length)];
      }
      means[resample] = sum / values.length;
    }
    Arrays.sort(means);
    return (means[(int) (RESAMPLES * 0.975)] - means[(int) (RESAMPLES * 0.025)]) / 2;
  }
}

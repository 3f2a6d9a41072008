package dev.lengthwise.evaluate;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.evaluate.Measurement.Metric;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/// Loss by length and by position.
///
/// Every length scores the same targets: windows end at the same tokens of the document, and only
/// the last `scored` targets of a window count. So a longer context can only help, and the
/// difference between two lengths is the worth of the context (protocol of the ReRoPE repository).
public final class PerplexityTask implements Task {

  private static final int RESAMPLES = 1000;

  @Override
  public String name() {
    return "perplexity";
  }

  @Override
  public String summary() {
    return "loss of the same last targets at every context length, and loss by position";
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
    if (axes.document().length < longest) {
      throw new LengthwiseException(
          "The text has "
              + axes.document().length
              + " tokens, too few for windows of "
              + longest
              + "; give a longer text (-f) or smaller --lengths");
    }
    if (axes.windows() > axes.document().length) {
      throw new LengthwiseException(
          axes.windows()
              + " windows are more than the text has tokens ("
              + axes.document().length
              + "); give a longer text (-f) or smaller --windows");
    }
    for (int length : axes.lengths()) {
      double[][] windows = new double[count][];
      long start = System.nanoTime();
      for (int window = 0; window < count; window++) {
        int end = windowEnd(axes, window);
        int[] ids = Arrays.copyOfRange(axes.document(), end - length, end);
        int first = length == longest ? 0 : ids.length - 1 - scored;
        windows[window] = TokenLosses.of(subject.runner(), ids, subject.chunk(), first);
        progress.advance(length);
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      report(axes, length, scored, windows, seconds, sink);
    }
  }

  private static void report(
      Axes axes,
      int length,
      int scored,
      double[][] windows,
      double seconds,
      Consumer<Measurement> sink) {
    double[] means =
        Arrays.stream(windows)
            .mapToDouble(losses -> TokenLosses.mean(losses, losses.length - scored, losses.length))
            .toArray();
    double mean = Arrays.stream(means).average().orElseThrow();
    long count = (long) scored * windows.length;
    sink.accept(new Measurement(Metric.LOSS, length, Double.NaN, mean, count, seconds));
    if (windows.length > 1) {
      double half = halfInterval(means, axes.seed());
      sink.accept(
          new Measurement(Metric.LOSS_INTERVAL, length, Double.NaN, half, windows.length, 0));
    }
    if (length == axes.longest()) {
      for (int position = 0; position < length - 1; position++) {
        int at = position;
        double loss = Arrays.stream(windows).mapToDouble(w -> w[at]).average().orElseThrow();
        sink.accept(
            new Measurement(
                Metric.LOSS_AT_POSITION, position + 1, Double.NaN, loss, windows.length, 0));
      }
    }
  }

  /// One past the last token of a window: windows are spread evenly and end where the longest one
  /// fits.
  static int windowEnd(Axes axes, int window) {
    int room = axes.document().length - axes.longest();
    int step = windows(axes) == 1 ? 0 : (int) ((long) room * window / (windows(axes) - 1));
    return axes.longest() + step;
  }

  // A short text has room for few different windows; the same one twice would say nothing new.
  private static int windows(Axes axes) {
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

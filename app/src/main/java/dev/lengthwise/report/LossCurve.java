package dev.lengthwise.report;

import java.util.Arrays;

/// Loss by position of one method on one text.
///
/// Two curves are equal when their labels and numbers are.
///
/// @param label the method as it is shown in a legend
/// @param positions positions in the window, ascending, in tokens
/// @param loss loss of the token at each position, in nats
@SuppressWarnings("ArrayRecordComponent") // copied on the way in and out; compared by content
public record LossCurve(String label, double[] positions, double[] loss) {

  /// Checks the lengths, the order of the positions and that every number is finite, and copies.
  public LossCurve {
    if (positions.length != loss.length) {
      throw new IllegalArgumentException(
          label + ": " + positions.length + " positions but " + loss.length + " losses");
    }
    for (int i = 0; i < loss.length; i++) {
      if (!Double.isFinite(loss[i]) || !Double.isFinite(positions[i])) {
        throw new IllegalArgumentException(label + ": number " + i + " is not finite");
      }
      if (i > 0 && positions[i] <= positions[i - 1]) {
        throw new IllegalArgumentException(label + ": positions do not ascend at " + i);
      }
    }
    positions = positions.clone();
    loss = loss.clone();
  }

  @Override
  public double[] positions() {
    return positions.clone();
  }

  @Override
  public double[] loss() {
    return loss.clone();
  }

  /// Number of points.
  public int size() {
    return loss.length;
  }

  /// This curve with at most `maximum` points; itself if it has no more.
  ///
  /// The rule: `n` points are cut into `maximum` consecutive buckets, bucket `b` holding points
  /// `⌊b·n/maximum⌋` up to but without `⌊(b+1)·n/maximum⌋`. Each becomes one point, at the mean
  /// position with the mean loss. No point is dropped, and bucket sizes differ by one at
  /// most; where `maximum` divides `n`, the mean of the curve is unchanged.
  public LossCurve thinned(int maximum) {
    if (maximum < 1) {
      throw new IllegalArgumentException("a curve needs at least 1 point, not " + maximum);
    }
    int points = size();
    if (points <= maximum) {
      return this;
    }
    double[] positionMeans = new double[maximum];
    double[] lossMeans = new double[maximum];
    for (int bucket = 0; bucket < maximum; bucket++) {
      int from = (int) ((long) bucket * points / maximum);
      int until = (int) ((bucket + 1L) * points / maximum);
      positionMeans[bucket] = mean(positions, from, until);
      lossMeans[bucket] = mean(loss, from, until);
    }
    return new LossCurve(label, positionMeans, lossMeans);
  }

  /// This curve with every loss replaced by the mean over the `window` points around it, fewer at
  /// the ends. An even window reaches as far as the next larger odd one.
  public LossCurve smoothed(int window) {
    int reach = window / 2;
    double[] means = new double[size()];
    for (int i = 0; i < means.length; i++) {
      means[i] = mean(loss, Math.max(0, i - reach), Math.min(size(), i + reach + 1));
    }
    return new LossCurve(label, positions, means);
  }

  private static double mean(double[] values, int from, int until) {
    double sum = 0;
    for (int i = from; i < until; i++) {
      sum += values[i];
    }
    return sum / (until - from);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LossCurve curve
        && label.equals(curve.label)
        && Arrays.equals(positions, curve.positions)
        && Arrays.equals(loss, curve.loss);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * label.hashCode() + Arrays.hashCode(positions)) + Arrays.hashCode(loss);
  }

  @Override
  public String toString() {
    return "LossCurve[" + label + ", " + size() + " points]";
  }
}

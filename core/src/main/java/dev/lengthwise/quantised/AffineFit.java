package dev.lengthwise.quantised;

/// Scale and minimum of a part of a super-block: `w ≈ scale · q − minimum` with `q` from 0 to
/// `most`, and a minimum that is not negative.
///
/// The search tries some spreads of the numbers. For each it finds the numbers that the weights
/// would get, and for those numbers scale and minimum of least squares, where the error of a weight
/// counts by its size plus the root mean square of all.
///
/// @param scale distance between numbers, from 0 on
/// @param minimum from 0 on
record AffineFit(float scale, float minimum) {

  private static final double STEP = 0.1;

  /// How far to search.
  ///
  /// @param most the largest number
  /// @param first the narrowest spread, added to `most`
  /// @param steps spreads, each [#STEP] wider than the one before
  record Range(int most, double first, int steps) {}

  /// The best fit of `count` weights.
  static AffineFit of(float[] values, int at, int count, Range range) {
    double least = 0;
    double greatest = values[at];
    for (int i = at; i < at + count; i++) {
      least = Math.min(least, values[i]);
      greatest = Math.max(greatest, values[i]);
    }
    if (greatest <= least) {
      return new AffineFit(0, (float) -least);
    }
    Sums sums = new Sums(values, at, count, range.most);
    double width = greatest - least;
    Sums.Line best = new Sums.Line(width / range.most, least);
    double bestError = sums.error(best);
    for (int step = 0; step <= range.steps; step++) {
      double spread = range.most + range.first + STEP * step;
      Sums.Line line = sums.leastSquares(new Sums.Line(width / spread, least));
      double error = sums.error(line);
      if (error < bestError) {
        best = line;
        bestError = error;
      }
    }
    return new AffineFit((float) best.slope(), (float) -best.start());
  }

  /// Weighted sums over the weights of one part.
  private static final class Sums {

    /// `w = slope · q + start`.
    record Line(double slope, double start) {}

    private final float[] values;
    private final int at;
    private final int count;
    private final int most;
    private final double meanSize;

    Sums(float[] values, int at, int count, int most) {
      this.values = values;
      this.at = at;
      this.count = count;
      this.most = most;
      double squares = 0;
      for (int i = at; i < at + count; i++) {
        squares += (double) values[i] * values[i];
      }
      this.meanSize = Math.sqrt(squares / count);
    }

    private double importance(double weight) {
      return meanSize + Math.abs(weight);
    }

    private double number(double weight, Line line) {
      return Math.clamp(Math.rint((weight - line.start) / line.slope), 0, most);
    }

    /// The weighted square error when every weight takes its nearest number on `line`.
    double error(Line line) {
      double error = 0;
      for (int i = at; i < at + count; i++) {
        double off = line.slope * number(values[i], line) + line.start - values[i];
        error += importance(values[i]) * off * off;
      }
      return error;
    }

    /// The line nearest to the weights, which keep the numbers that they have on `line`; one that
    /// starts at zero where the nearest one starts above, and `line` where there is none.
    Line leastSquares(Line line) {
      double ones = 0;
      double weights = 0;
      double numbers = 0;
      double squares = 0;
      double products = 0;
      for (int i = at; i < at + count; i++) {
        double weight = values[i];
        double number = number(weight, line);
        double importance = importance(weight);
        ones += importance;
        weights += importance * weight;
        numbers += importance * number;
        squares += importance * number * number;
        products += importance * number * weight;
      }
      double determinant = ones * squares - numbers * numbers;
      if (!(determinant > 0)) {
        return line;
      }
      double start = (squares * weights - numbers * products) / determinant;
      return start > 0
          ? new Line(products / squares, 0)
          : new Line((ones * products - numbers * weights) / determinant, start);
    }
  }
}

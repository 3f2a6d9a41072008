package dev.lengthwise.vectors;

import org.hipparchus.special.Erf;

/// How near vectors are, as a function of their Euclidean distance `d` and of what surrounds each.
/// Only the order of the numbers counts.
public sealed interface Distance {

  /// The number of two vectors; smaller is nearer.
  ///
  /// @param squared `d²`
  double of(double squared, int one, int other);

  /// Nearly the same number, faster: good enough to choose candidates by.
  default double approximate(double squared, int one, int other) {
    return of(squared, one, other);
  }

  /// The Euclidean distance itself.
  record Euclidean() implements Distance {

    @Override
    public double of(double squared, int one, int other) {
      return squared;
    }
  }

  /// Local scaling: `d² / (σ_x σ_y)`, the exponent of `1 − exp(−d² / (σ_x σ_y))`.
  ///
  /// Source: L. Zelnik-Manor and P. Perona 2004, "Self-tuning spectral clustering"; against hubs D.
  /// Schnitzer et al. 2012, JMLR 13.
  ///
  /// @param scales `σ`, the distance of each vector to its k-th neighbour
  @SuppressWarnings("ArrayRecordComponent") // made for one search, never compared
  record LocalScaling(double[] scales) implements Distance {

    @Override
    public double of(double squared, int one, int other) {
      double scale = scales[one] * scales[other];
      return scale == 0 ? (squared == 0 ? 0 : Double.POSITIVE_INFINITY) : squared / scale;
    }
  }

  /// Mutual proximity: `−ln P(X > d) − ln P(Y > d)`, where `X` and `Y` are normal with the mean and
  /// the variance of the distances of either vector to all others, taken as independent.
  ///
  /// Source: D. Schnitzer et al. 2012, "Local and global scaling reduce hubs in space", JMLR 13.
  ///
  /// @param means of the distances of each vector
  /// @param deviations of them
  @SuppressWarnings("ArrayRecordComponent") // made for one search, never compared
  record MutualProximity(double[] means, double[] deviations) implements Distance {

    private static final int STEPS = 256; // to a standard deviation
    private static final int WIDEST = 8;
    private static final double[] LOGARITHMS = logarithms();

    private static double[] logarithms() {
      double[] table = new double[2 * WIDEST * STEPS + 1];
      for (int n = 0; n < table.length; n++) {
        table[n] = logarithm((double) n / STEPS - WIDEST);
      }
      return table;
    }

    // −ln P(Z > z) of a standard normal Z.
    private static double logarithm(double z) {
      // Below 0 the logarithm of nearly 1: without log1p all pairs below −8 would be equally near.
      return z < 0
          ? -Math.log1p(-Erf.erfc(-z / Math.sqrt(2)) / 2)
          : -Math.log(Erf.erfc(z / Math.sqrt(2)) / 2);
    }

    @Override
    public double of(double squared, int one, int other) {
      double distance = Math.sqrt(squared);
      return logarithm(away(distance, one)) + logarithm(away(distance, other));
    }

    @Override
    public double approximate(double squared, int one, int other) {
      double distance = Math.sqrt(squared);
      return interpolated(away(distance, one)) + interpolated(away(distance, other));
    }

    // Lines of 1/256: wrong by at most 2e-6, since the second derivative is below 1.
    private static double interpolated(double z) {
      double place = (z + WIDEST) * STEPS;
      if (!(place >= 0 && place < LOGARITHMS.length - 1)) {
        return logarithm(z);
      }
      int left = (int) place;
      double part = place - left;
      return LOGARITHMS[left] * (1 - part) + LOGARITHMS[left + 1] * part;
    }

    // In standard deviations; of a vector that has all others at one distance, either end.
    private double away(double distance, int vector) {
      double difference = distance - means[vector];
      return deviations[vector] > 0
          ? difference / deviations[vector]
          : difference > 0 ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
    }
  }
}

package dev.lengthwise.vectors;

import org.hipparchus.special.Erf;

/// How near vectors are, as a function of their Euclidean distance `d` and of what surrounds each.
/// Only the order of the numbers counts.
public sealed interface Distance {

  /// The number of two vectors; smaller is nearer.
  ///
  /// @param squared `d²`
  double of(double squared, int one, int other);

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

    @Override
    public double of(double squared, int one, int other) {
      double distance = Math.sqrt(squared);
      return -Math.log(above(distance, one)) - Math.log(above(distance, other));
    }

    private double above(double distance, int vector) {
      double away = distance - means[vector];
      return deviations[vector] == 0
          ? (away > 0 ? 0 : 1)
          : Erf.erfc(away / (deviations[vector] * Math.sqrt(2))) / 2;
    }
  }
}

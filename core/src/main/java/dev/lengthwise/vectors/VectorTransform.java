package dev.lengthwise.vectors;

import java.lang.foreign.Arena;
import org.hipparchus.linear.EigenDecompositionSymmetric;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;

/// What is made of all vectors before they are compared.
public enum VectorTransform {
  /// Nothing.
  NONE,
  /// The mean of all vectors is taken off each.
  CENTRED,
  /// Each vector is divided by its length; one of length 0 stays.
  NORMALIZED,
  /// [#CENTRED], then [#NORMALIZED].
  CENTRED_AND_NORMALIZED,
  /// The mean is taken off and the covariance becomes the unit matrix: `(x − μ) U Λ^(−1/2)` with
  /// the eigenvectors `U` and eigenvalues `Λ` of the covariance. Directions in which nothing varies
  /// are left out.
  ///
  /// Source: J. Su et al. 2021, "Whitening Sentence Representations", arXiv 2103.15316.
  WHITENED;

  // Eigenvalues below this part of the greatest are those of rounding.
  private static final double SMALLEST = 1e-10;

  /// The new vectors.
  ///
  /// @param arena that keeps them
  public VectorTable of(VectorTable table, Arena arena) {
    return switch (this) {
      case NONE -> table;
      case CENTRED -> centred(table, arena);
      case NORMALIZED -> normalized(table, arena);
      case CENTRED_AND_NORMALIZED -> normalized(centred(table, arena), arena);
      case WHITENED -> whitened(table, arena);
    };
  }

  private static VectorTable centred(VectorTable table, Arena arena) {
    double[] mean = table.mean();
    VectorTable result = VectorTable.allocate(arena, table.count(), table.size());
    for (int row = 0; row < table.count(); row++) {
      result.put(row, table.centred(row, mean));
    }
    return result;
  }

  private static VectorTable normalized(VectorTable table, Arena arena) {
    VectorTable result = VectorTable.allocate(arena, table.count(), table.size());
    for (int row = 0; row < table.count(); row++) {
      float[] numbers = table.row(row);
      double squares = 0;
      for (float number : numbers) {
        squares += (double) number * number;
      }
      double length = squares == 0 ? 1 : Math.sqrt(squares);
      for (int n = 0; n < numbers.length; n++) {
        numbers[n] = (float) (numbers[n] / length);
      }
      result.put(row, numbers);
    }
    return result;
  }

  private static VectorTable whitened(VectorTable table, Arena arena) {
    double[] mean = table.mean();
    EigenDecompositionSymmetric parts =
        new EigenDecompositionSymmetric(covariance(table, mean)); // eigenvalues fall
    double[] values = parts.getEigenvalues();
    int kept = 0;
    while (kept < values.length && values[kept] > SMALLEST * Math.max(values[0], 0)) {
      kept++;
    }
    VectorTable result = VectorTable.allocate(arena, table.count(), Math.max(1, kept));
    double[][] directions = new double[kept][];
    for (int n = 0; n < kept; n++) {
      directions[n] = parts.getEigenvector(n).mapMultiply(1 / Math.sqrt(values[n])).toArray();
    }
    for (int row = 0; row < table.count(); row++) {
      float[] numbers = table.row(row);
      float[] turned = new float[result.size()];
      for (int n = 0; n < kept; n++) {
        double sum = 0;
        for (int channel = 0; channel < numbers.length; channel++) {
          sum += (numbers[channel] - mean[channel]) * directions[n][channel];
        }
        turned[n] = (float) sum;
      }
      result.put(row, turned);
    }
    return result;
  }

  // Of the population.
  private static RealMatrix covariance(VectorTable table, double[] mean) {
    int size = table.size();
    double[][] sums = new double[size][size];
    double[] away = new double[size];
    for (int row = 0; row < table.count(); row++) {
      float[] numbers = table.row(row);
      for (int n = 0; n < size; n++) {
        away[n] = numbers[n] - mean[n];
      }
      for (int one = 0; one < size; one++) {
        for (int other = 0; other <= one; other++) {
          sums[one][other] += away[one] * away[other];
        }
      }
    }
    for (int one = 0; one < size; one++) {
      for (int other = 0; other <= one; other++) {
        sums[one][other] /= table.count();
        sums[other][one] = sums[one][other];
      }
    }
    return MatrixUtils.createRealMatrix(sums);
  }
}

package dev.lengthwise.encode;

import java.util.List;
import java.util.stream.IntStream;

/// What storing vectors in fewer bits costs: the share of the `k` nearest neighbours of each, by
/// the cosine, that stay among its `k` nearest.
///
/// @param vectors how many were compared with one another
/// @param nearest `k`
/// @param recall from 0 to 1
public record StoredRecall(int vectors, int nearest, double recall) {

  /// Compares some vectors, in f64.
  ///
  /// @param vectors more than `nearest`
  public static StoredRecall of(List<float[]> vectors, VectorType type, int nearest) {
    if (vectors.size() <= nearest) {
      throw new IllegalArgumentException(
          "%d vectors have no %d nearest others".formatted(vectors.size(), nearest));
    }
    double[][] exact = vectors.stream().map(StoredRecall::directed).toArray(double[][]::new);
    double[][] stored =
        vectors.stream().map(type::stored).map(StoredRecall::directed).toArray(double[][]::new);
    long kept =
        IntStream.range(0, exact.length)
            .parallel()
            .mapToLong(index -> kept(exact, stored, index, nearest))
            .sum();
    return new StoredRecall(exact.length, nearest, (double) kept / ((long) exact.length * nearest));
  }

  private static long kept(double[][] exact, double[][] stored, int index, int nearest) {
    List<Integer> among = nearest(stored, index, nearest);
    return nearest(exact, index, nearest).stream().filter(among::contains).count();
  }

  // Equally near ones in the order of their numbers.
  private static List<Integer> nearest(double[][] vectors, int index, int nearest) {
    double[] cosines = new double[vectors.length];
    for (int other = 0; other < cosines.length; other++) {
      cosines[other] = product(vectors[index], vectors[other]);
    }
    return IntStream.range(0, vectors.length)
        .filter(other -> other != index)
        .boxed()
        .sorted((one, two) -> Double.compare(cosines[two], cosines[one]))
        .limit(nearest)
        .toList();
  }

  private static double product(double[] one, double[] other) {
    double sum = 0;
    for (int n = 0; n < one.length; n++) {
      sum += one[n] * other[n];
    }
    return sum;
  }

  private static double[] directed(float[] vector) {
    double squares = 0;
    for (float number : vector) {
      squares += (double) number * number;
    }
    double length = squares == 0 ? 1 : Math.sqrt(squares);
    return IntStream.range(0, vector.length).mapToDouble(n -> vector[n] / length).toArray();
  }
}

package dev.lengthwise.vectors;

import dev.lengthwise.parallel.Workers;

/// What a [Distance] needs to know of the surroundings of each vector.
final class DistanceStatistics {

  private DistanceStatistics() {}

  /// Local scaling by the distance to the k-th neighbour.
  static Distance localScaling(NearestNeighbours euclidean) {
    double[] scales = new double[euclidean.count()];
    for (int row = 0; row < scales.length; row++) {
      scales[row] = Math.sqrt(euclidean.values()[(row + 1) * euclidean.nearest() - 1]);
    }
    return new Distance.LocalScaling(scales);
  }

  private static final class Sums {
    private double sum;
    private double squares;
  }

  /// Mutual proximity by the mean and the standard deviation (that of a sample) of the distances to
  /// all others.
  static Distance mutualProximity(VectorTable table, Workers workers) {
    double[] means = new double[table.count()];
    double[] deviations = new double[table.count()];
    int others = table.count() - 1;
    new PairwiseBlocks(table, workers, NearestNeighbours.Blocks.USUAL)
        .run(
            Sums::new,
            (sums, query, other, squared) -> {
              if (query != other) {
                sums.sum += Math.sqrt(squared);
                sums.squares += squared;
              }
            },
            (sums, query) -> {
              means[query] = sums.sum / others;
              double variance = (sums.squares - sums.sum * means[query]) / Math.max(1, others - 1);
              deviations[query] = Math.sqrt(Math.max(0, variance));
            });
    return new Distance.MutualProximity(means, deviations);
  }
}

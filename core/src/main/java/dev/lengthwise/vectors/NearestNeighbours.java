package dev.lengthwise.vectors;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.parallel.Workers;
import java.util.Arrays;

/// The `k` nearest others of each vector; equally near ones in the order of their numbers.
///
/// `d² = |q|² + |x|² − 2 q·x` comes from one product of a block of queries and a block of vectors,
/// so memory does not grow with the number of pairs. Products are in single precision: 16 more than
/// `k` are kept, and their distances computed again in double precision. So neighbours are exact
/// unless more than 16 others lie as near as the last one to within the rounding of `q·x`, as in
/// clusters that are a thousandth as wide as they are far from the mean.
///
/// Neither the sizes of blocks nor the number of threads change a result: each product has a sum of
/// its own, in the order of the columns.
///
/// @param count vectors
/// @param nearest `k`
/// @param places `[count, k]`, the nearest first
/// @param values `[count, k]`, what the distance gives
@SuppressWarnings("ArrayRecordComponent") // the result of one search, never compared
public record NearestNeighbours(int count, int nearest, int[] places, double[] values) {

  private static final int MORE = 16;

  /// How much is computed at once.
  ///
  /// @param queries vectors whose neighbours are sought
  /// @param others vectors among which they are
  public record Blocks(int queries, int others) {

    /// Products of half a million numbers, which stay in the cache of a processor.
    public static final Blocks USUAL = new Blocks(256, 2048);
  }

  /// The neighbours of all vectors of a table.
  ///
  /// @param nearest `k`
  /// @throws LengthwiseException where there are not more than `k` vectors
  public static NearestNeighbours of(
      VectorTable table, int nearest, Distance distance, Workers workers) {
    return of(table, nearest, distance, workers, Blocks.USUAL);
  }

  static NearestNeighbours of(
      VectorTable table, int nearest, Distance distance, Workers workers, Blocks blocks) {
    if (nearest < 1 || nearest >= table.count()) {
      throw new LengthwiseException(
          "%d nearest neighbours were asked for, and each of %d vectors has %d others; take fewer, or more vectors."
              .formatted(nearest, table.count(), table.count() - 1));
    }
    int kept = Math.min(nearest + MORE, table.count() - 1);
    int[] places = new int[Math.multiplyExact(table.count(), nearest)];
    double[] values = new double[places.length];
    new PairwiseBlocks(table, workers, blocks)
        .run(
            () -> new NearestList(kept),
            (list, query, other, squared) -> {
              if (query != other) {
                list.offer(distance.approximate(squared, query, other), other);
              }
            },
            (list, query) -> {
              list.exact(other -> distance.of(table.squaredDistance(query, other), query, other));
              list.copy(nearest, places, values, query * nearest);
            });
    return new NearestNeighbours(table.count(), nearest, places, values);
  }

  /// How often each vector is among the nearest of others: `N_k`.
  public int[] occurrences() {
    int[] occurrences = new int[count];
    for (int place : places) {
      occurrences[place]++;
    }
    return occurrences;
  }

  /// The nearest others of a vector.
  public int[] of(int vector) {
    return Arrays.copyOfRange(places, vector * nearest, (vector + 1) * nearest);
  }
}

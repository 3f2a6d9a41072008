package dev.lengthwise.vectors;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.hipparchus.stat.correlation.PearsonsCorrelation;

/// How unevenly vectors are neighbours of others. `N_k(x)` is how often `x` is among the `k`
/// nearest of others; its mean is `k`.
///
/// Source: M. Radovanović et al. 2010, "Hubs in space", JMLR 11; J. Su, kexue.fm 9147.
///
/// @param nearest `k`
/// @param occurrences `N_k` of each vector
/// @param skewness `E[(N_k − k)³] / σ³`, of the population; 0 where all are equal
/// @param most the greatest `N_k`
/// @param hubs share of vectors with `N_k > k + 2σ`
/// @param antiHubs share of vectors that nobody has among the nearest
/// @param central correlation of `N_k` with the distance to the mean of all vectors: far below 0
///     where hubs lie in the middle; empty where either is always the same
public record Hubness(
    int nearest,
    List<Integer> occurrences,
    double skewness,
    int most,
    double hubs,
    double antiHubs,
    OptionalDouble central) {

  /// Copies the list.
  public Hubness {
    occurrences = List.copyOf(occurrences);
  }

  /// Of neighbours that were found.
  public static Hubness of(VectorTable table, NearestNeighbours neighbours) {
    int[] counts = neighbours.occurrences();
    double mean = neighbours.nearest();
    double variance = moment(counts, mean, 2);
    double deviation = Math.sqrt(variance);
    double cube = variance * deviation;
    return new Hubness(
        neighbours.nearest(),
        Arrays.stream(counts).boxed().toList(),
        cube == 0 ? 0 : moment(counts, mean, 3) / cube,
        Arrays.stream(counts).max().orElse(0),
        share(counts, mean + 2 * deviation),
        Arrays.stream(counts).filter(count -> count == 0).count() / (double) counts.length,
        central(table, counts));
  }

  private static double moment(int[] counts, double mean, int power) {
    return Arrays.stream(counts)
        .mapToDouble(count -> Math.pow(count - mean, power))
        .average()
        .orElse(0);
  }

  private static double share(int[] counts, double above) {
    return Arrays.stream(counts).filter(count -> count > above).count() / (double) counts.length;
  }

  private static OptionalDouble central(VectorTable table, int[] counts) {
    double[] mean = table.mean();
    double[] distances =
        IntStream.range(0, counts.length)
            .mapToDouble(row -> distance(table.row(row), mean))
            .toArray();
    double[] occurrences = Arrays.stream(counts).asDoubleStream().toArray();
    return varies(distances) && varies(occurrences)
        ? OptionalDouble.of(new PearsonsCorrelation().correlation(occurrences, distances))
        : OptionalDouble.empty();
  }

  private static boolean varies(double[] numbers) {
    return Arrays.stream(numbers).distinct().limit(2).count() == 2;
  }

  private static double distance(float[] vector, double[] mean) {
    double sum = 0;
    for (int n = 0; n < mean.length; n++) {
      double difference = vector[n] - mean[n];
      sum += difference * difference;
    }
    return Math.sqrt(sum);
  }

  /// The vectors with the greatest `N_k`, greatest first, then in their order.
  public List<Integer> greatest(int count) {
    return IntStream.range(0, occurrences.size())
        .boxed()
        .sorted((one, other) -> occurrences.get(other) - occurrences.get(one))
        .limit(count)
        .toList();
  }
}

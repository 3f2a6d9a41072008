package dev.lengthwise.vectors;

import dev.lengthwise.parallel.Workers;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/// Hubs of some vectors before and after what is said to take them away, and what each does to the
/// search for known partners.
public final class HubnessStudy {

  private HubnessStudy() {}

  /// What is compared.
  public enum Treatment {
    /// Euclidean distances of the vectors as they are.
    AS_THEY_ARE("as they are", VectorTransform.NONE),
    /// Of [VectorTransform#CENTRED]: the same distances, so the same hubs.
    CENTRED("centred", VectorTransform.CENTRED),
    /// Of [VectorTransform#NORMALIZED]: the order of cosines.
    NORMALIZED("normalized", VectorTransform.NORMALIZED),
    /// Of [VectorTransform#CENTRED_AND_NORMALIZED].
    CENTRED_AND_NORMALIZED("centred, then normalized", VectorTransform.CENTRED_AND_NORMALIZED),
    /// Of [VectorTransform#WHITENED].
    WHITENED("whitened", VectorTransform.WHITENED),
    /// [Distance.LocalScaling] of the vectors as they are.
    LOCAL_SCALING("local scaling", VectorTransform.NONE),
    /// [Distance.MutualProximity] of the vectors as they are.
    MUTUAL_PROXIMITY("mutual proximity", VectorTransform.NONE);

    private final String label;
    private final VectorTransform transform;

    Treatment(String label, VectorTransform transform) {
      this.label = label;
      this.transform = transform;
    }

    /// Its name in tables.
    public String label() {
      return label;
    }
  }

  /// What one treatment does.
  ///
  /// @param treatment which
  /// @param hubness of all vectors
  /// @param recall of known partners; of 0 searches where none are known
  public record Result(Treatment treatment, Hubness hubness, Partners.Recall recall) {}

  /// All treatments.
  ///
  /// @param nearest `k`
  /// @throws dev.lengthwise.LengthwiseException where there are not more than `k` vectors
  public static List<Result> of(
      VectorTable table, int nearest, Partners partners, Workers workers) {
    List<Result> results = new ArrayList<>();
    for (Treatment treatment : Treatment.values()) {
      results.add(of(treatment, table, nearest, partners, workers));
    }
    return results;
  }

  /// One treatment.
  public static Result of(
      Treatment treatment, VectorTable table, int nearest, Partners partners, Workers workers) {
    try (Arena arena = Arena.ofShared()) {
      VectorTable changed = treatment.transform.of(table, arena);
      NearestNeighbours neighbours =
          NearestNeighbours.of(
              changed, nearest, distance(treatment, changed, nearest, workers), workers);
      return new Result(treatment, Hubness.of(changed, neighbours), partners.recall(neighbours));
    }
  }

  private static Distance distance(
      Treatment treatment, VectorTable table, int nearest, Workers workers) {
    return switch (treatment) {
      case AS_THEY_ARE, CENTRED, NORMALIZED, CENTRED_AND_NORMALIZED, WHITENED ->
          new Distance.Euclidean();
      case LOCAL_SCALING ->
          DistanceStatistics.localScaling(
              NearestNeighbours.of(table, nearest, new Distance.Euclidean(), workers));
      case MUTUAL_PROXIMITY -> DistanceStatistics.mutualProximity(table, workers);
    };
  }
}

package dev.lengthwise.position;

/// T5's buckets of causal distances: the lower half holds one distance each, the upper half grows
/// geometrically up to `distance`, and the last one holds everything beyond.
///
///     bucket(p) = p                                                        for p < e = buckets/2
///     bucket(p) = min(e + ⌊ln(p/e) / ln(distance/e) · e⌋, buckets − 1)      otherwise
///
/// Positions between two whole numbers belong to the lower one.
///
/// @param buckets an even number
/// @param distance first distance of which all are alike; above `buckets/2`
public record BucketRule(int buckets, long distance) {

  /// Positions are quotients and differences of doubles; one that is this near to the next whole
  /// number, or to the edge of a bucket, is meant to be there.
  public static final double TOLERANCE = 1e-9;

  /// Checks the numbers.
  public BucketRule {
    if (buckets < 2 || buckets % 2 != 0 || distance <= buckets / 2) {
      throw new IllegalArgumentException(
          "an even number of buckets and a distance above its half are needed");
    }
  }

  /// Buckets of one distance each: `e`.
  public int exact() {
    return buckets / 2;
  }

  /// Buckets per factor of e in the distance.
  public double steepness() {
    return exact() / Math.log((double) distance / exact());
  }

  /// The bucket of a relative position.
  public int bucket(double relative) {
    double place = Math.floor(Math.max(0, relative) + TOLERANCE);
    if (place < exact()) {
      return (int) place;
    }
    double above = Math.floor(Math.log(place / exact()) * steepness() + TOLERANCE);
    return (int) Math.min(exact() + above, buckets - 1.0);
  }

  /// The first distance of the last bucket.
  public long firstOfLast() {
    double edge = exact() * Math.exp((exact() - 1) / steepness());
    return (long) Math.ceil(edge * (1 - TOLERANCE));
  }
}

package dev.lengthwise.position;

/// A part of the causal triangle: the pairs of query `i` and key `j <= i` whose distance `i − j`,
/// key index `j` and chunk difference `⌊i/c⌋ − ⌊j/c⌋` all lie within bounds. Or its mirror image,
/// for bidirectional models: the pairs of query `i` and key `j > i` for which `(j, i)` is such
/// a pair.
///
/// The keys that one query sees in a region are always one run of indices ([#keys]): kernels and
/// caches rest on that, and know no mirror images.
///
/// @param distance bounds of `i − j`
/// @param key bounds of `j`
/// @param chunkSize tokens in a chunk, `c`
/// @param chunkDifference bounds of `⌊i/c⌋ − ⌊j/c⌋`
/// @param ahead whether it is the mirror image
public record Region(
    Bounds distance, Bounds key, long chunkSize, Bounds chunkDifference, boolean ahead) {

  /// How a region lies to a rectangle of queries and keys.
  public enum Coverage {
    /// No pair of the rectangle is inside.
    NONE,
    /// Some pairs may be inside.
    PARTIAL,
    /// Every pair is inside.
    FULL
  }

  /// The whole causal triangle.
  public static final Region ALL = within(Bounds.ALL);

  /// Checks the chunk size.
  public Region {
    if (chunkSize <= 0) {
      throw new IllegalArgumentException("a chunk size must be positive: " + chunkSize);
    }
  }

  /// A part of the causal triangle.
  public Region(Bounds distance, Bounds key, long chunkSize, Bounds chunkDifference) {
    this(distance, key, chunkSize, chunkDifference, false);
  }

  /// The pairs whose distance lies within `distance`.
  public static Region within(Bounds distance) {
    return new Region(distance, Bounds.ALL, 1, Bounds.ALL);
  }

  /// The pairs whose distance is at least `from` and whose key is one of the first `keys`.
  public static Region firstKeys(long keys, long from) {
    return new Region(Bounds.atLeast(from), Bounds.below(keys), 1, Bounds.ALL);
  }

  /// The pairs whose chunks are `difference` apart.
  public static Region chunks(long chunkSize, Bounds difference) {
    return new Region(Bounds.ALL, Bounds.ALL, chunkSize, difference);
  }

  /// The mirror image: keys ahead of their queries.
  ///
  /// @throws IllegalStateException of a mirror image
  public Region mirrored() {
    requireBehind();
    return new Region(distance, key, chunkSize, chunkDifference, true);
  }

  // What only the causal triangle has: kernels and caches know no other.
  private void requireBehind() {
    if (ahead) {
      throw new IllegalStateException("a region ahead of its queries has no part in this");
    }
  }

  /// Whether query `i` sees key `j` here.
  public boolean contains(long query, long keyIndex) {
    return ahead
        ? keyIndex > query && containsBehind(keyIndex, query)
        : containsBehind(query, keyIndex);
  }

  private boolean containsBehind(long query, long keyIndex) {
    return query >= keyIndex
        && distance.contains(query - keyIndex)
        && key.contains(keyIndex)
        && chunkDifference.contains(query / chunkSize - keyIndex / chunkSize);
  }

  /// The keys that `query` sees here: one run of indices, perhaps empty.
  public Bounds keys(long query) {
    requireBehind();
    long chunk = query / chunkSize;
    long from =
        Math.max(
            Math.max(afterSubtracting(query, distance.until()), key.from()),
            afterSubtracting(chunk, chunkDifference.until()) * chunkSize);
    long until =
        Math.min(
            Math.min(query - distance.from() + 1, key.until()),
            (chunk - chunkDifference.from() + 1) * chunkSize);
    return until <= from ? new Bounds(0, 0) : new Bounds(from, until);
  }

  /// How the rectangle of queries `[firstQuery, lastQuery]` and keys `[firstKey, lastKey]` lies to
  /// this region.
  public Coverage coverage(long firstQuery, long lastQuery, long firstKey, long lastKey) {
    requireBehind();
    long nearest = firstQuery - lastKey;
    long farthest = lastQuery - firstKey;
    long lowestChunk = firstQuery / chunkSize - lastKey / chunkSize;
    long highestChunk = lastQuery / chunkSize - firstKey / chunkSize;
    if (!distance.intersects(nearest, farthest)
        || !key.intersects(firstKey, lastKey)
        || !chunkDifference.intersects(lowestChunk, highestChunk)) {
      return Coverage.NONE;
    }
    boolean full =
        distance.containsAll(nearest, farthest)
            && key.containsAll(firstKey, lastKey)
            && chunkDifference.containsAll(lowestChunk, highestChunk);
    return full ? Coverage.FULL : Coverage.PARTIAL;
  }

  /// Which keys queries to come can still see here.
  public Retention retention() {
    requireBehind();
    if (distance.until() == Bounds.UNBOUNDED && chunkDifference.until() == Bounds.UNBOUNDED) {
      return new Retention(key.until(), 0);
    }
    long byDistance = distance.until();
    long byChunk =
        chunkDifference.until() > Bounds.UNBOUNDED / chunkSize
            ? Bounds.UNBOUNDED
            : chunkDifference.until() * chunkSize;
    return new Retention(0, Math.min(byDistance, byChunk));
  }

  private static long afterSubtracting(long value, long until) {
    return until == Bounds.UNBOUNDED ? 0 : Math.max(0, value - until + 1);
  }
}

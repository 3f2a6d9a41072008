package dev.lengthwise.position;

/// One rule of a plan: within `region`, the query at `i` stands at `query.at(i)` and the key at `j`
/// at `key.at(j)`.
///
/// @param region pairs that the rule holds for
/// @param query `φ`, the positions of queries
/// @param key `ψ`, the positions of keys
public record Branch(Region region, PositionMap query, PositionMap key) {

  /// The rule of plain attention: every pair, every token at its index.
  public static final Branch PLAIN = identity(Region.ALL);

  /// Tokens at their own index within `region`.
  public static Branch identity(Region region) {
    return new Branch(region, PositionMap.IDENTITY, PositionMap.IDENTITY);
  }

  /// The rule for keys ahead of their queries: a pair has the relative position that it has the
  /// other way round, with its sign turned.
  public Branch mirrored() {
    return new Branch(region.mirrored(), key, query);
  }

  /// The distance that a bias sees: `ρ`, or `−ρ` of keys ahead.
  public double distance(long queryIndex, long keyIndex) {
    double relative = relativePosition(queryIndex, keyIndex);
    return region.ahead() ? -relative : relative;
  }

  /// The relative position `ρ = φ(i) − ψ(j)` that this branch gives to a pair.
  public double relativePosition(long queryIndex, long keyIndex) {
    return query.at(queryIndex) - key.at(keyIndex);
  }
}

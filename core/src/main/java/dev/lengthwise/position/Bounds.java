package dev.lengthwise.position;

/// A half-open interval of integers, `[from, until)`.
///
/// @param from smallest value inside
/// @param until first value above the interval; [#UNBOUNDED] for none
public record Bounds(long from, long until) {

  /// The upper end of an interval without one.
  public static final long UNBOUNDED = Long.MAX_VALUE;

  /// Every non-negative integer.
  public static final Bounds ALL = new Bounds(0, UNBOUNDED);

  /// Checks the order of the ends.
  public Bounds {
    if (from < 0 || until < from) {
      throw new IllegalArgumentException(
          "bounds need 0 <= from <= until, found [" + from + ", " + until + ")");
    }
  }

  /// `[0, until)`.
  public static Bounds below(long until) {
    return new Bounds(0, until);
  }

  /// `[from, ∞)`.
  public static Bounds atLeast(long from) {
    return new Bounds(from, UNBOUNDED);
  }

  /// Whether `value` lies inside.
  public boolean contains(long value) {
    return value >= from && value < until;
  }

  /// Whether every value of `[low, high]` (both inclusive) lies inside.
  public boolean containsAll(long low, long high) {
    return low >= from && high < until;
  }

  /// Whether any value of `[low, high]` (both inclusive) lies inside.
  public boolean intersects(long low, long high) {
    return high >= from && low < until;
  }
}

package dev.lengthwise.parallel;

/// Random numbers that depend on a seed and a place only, so that any place can be reached without
/// drawing the numbers before it.
///
/// The numbers are those of SplitMix64 (Steele, Lea and Flood 2014), started at a mix of seed and
/// place.
public final class CounterRandom {

  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private long state;

  /// The numbers of `(seed, place)`.
  public CounterRandom(long seed, long place) {
    state = mix(mix(seed) + GOLDEN * place);
  }

  private static long mix(long value) {
    long first = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    long second = (first ^ (first >>> 27)) * 0x94D049BB133111EBL;
    return second ^ (second >>> 31);
  }

  /// 64 random bits.
  public long nextLong() {
    state += GOLDEN;
    return mix(state);
  }

  /// A number in `[0, 1)`.
  public double nextDouble() {
    return (nextLong() >>> 11) * 0x1.0p-53;
  }

  /// An integer in `[0, bound)`.
  public long below(long bound) {
    if (bound <= 0) {
      throw new IllegalArgumentException("a bound must be positive: " + bound);
    }
    return Math.min(bound - 1, (long) (nextDouble() * bound));
  }

  /// An integer in `[low, high]`.
  public int between(int low, int high) {
    return low + (int) below(high - low + 1L);
  }
}

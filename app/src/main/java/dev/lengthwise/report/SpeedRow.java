package dev.lengthwise.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// The speed of one thing. What a task has no number of is zero.
///
/// @param task `prefill`, `decode`, `first 64 tokens` (of the process), `attention`, `train`,
///     `products` or `limit`
/// @param label the method, or what the limit is
/// @param length tokens of the text, or the depth at which decoding begins
/// @param time the times of the runs
/// @param rate what was done in a second of the median run
/// @param cacheBytes bytes of keys and values
/// @param shares the row beside limits and other rows, 1 is the same, by name
public record SpeedRow(
    String task,
    String label,
    long length,
    Time time,
    Rate rate,
    long cacheBytes,
    Map<String, Double> shares) {

  /// Copies the shares.
  public SpeedRow {
    shares = Collections.unmodifiableMap(new LinkedHashMap<>(shares));
  }

  /// Seconds of the runs.
  ///
  /// @param median the one in the middle
  /// @param least the shortest
  /// @param most the longest
  /// @param runs how many there were
  public record Time(double median, double least, double most, int runs) {}

  /// Work in a second.
  ///
  /// @param tokens tokens
  /// @param operations floating point operations
  /// @param bytes bytes from memory
  public record Rate(double tokens, double operations, double bytes) {}
}

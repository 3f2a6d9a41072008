package dev.lengthwise.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a benchmark found.
///
/// @param title what was measured
/// @param rows limits first
/// @param peakMemory the most memory that the process held, in words
/// @param protocol how the numbers were made, in the order in which it is shown
public record SpeedReport(
    String title, List<SpeedRow> rows, String peakMemory, Map<String, Object> protocol) {

  /// Copies the collections.
  public SpeedReport {
    rows = List.copyOf(rows);
    protocol = Collections.unmodifiableMap(new LinkedHashMap<>(protocol));
  }
}

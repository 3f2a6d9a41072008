package dev.lengthwise.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Everything that a comparison of methods found. A report may be partial: while a comparison runs,
/// each finished method is written as a report that holds what there is.
///
/// @param title what was compared
/// @param headline the result in a sentence
/// @param trainedLength tokens at which the model was trained
/// @param rows one for each method and length
/// @param curves loss by position, one for each method
/// @param passkey passkey accuracy by method, length and depth; may be empty
/// @param protocol how the numbers were made, in the order in which it is shown
/// @param notes what a reader must know to read the numbers
public record ComparisonReport(
    String title,
    String headline,
    long trainedLength,
    List<ResultRow> rows,
    List<LossCurve> curves,
    List<PasskeyCell> passkey,
    Map<String, Object> protocol,
    List<String> notes) {

  /// Checks the trained length and copies the collections.
  public ComparisonReport {
    if (trainedLength < 1) {
      throw new IllegalArgumentException("trained length " + trainedLength + " is not positive");
    }
    rows = List.copyOf(rows);
    curves = List.copyOf(curves);
    passkey = List.copyOf(passkey);
    protocol = Collections.unmodifiableMap(new LinkedHashMap<>(protocol));
    notes = List.copyOf(notes);
  }

  /// The methods in order of first appearance in rows, curves and passkey cells.
  public List<String> methods() {
    return Stream.of(
            rows.stream().map(ResultRow::method),
            curves.stream().map(LossCurve::label),
            passkey.stream().map(PasskeyCell::method))
        .flatMap(names -> names)
        .distinct()
        .toList();
  }

  /// The lengths of the rows, ascending.
  public List<Long> lengths() {
    return rows.stream().map(ResultRow::length).distinct().sorted().toList();
  }

  /// The row of a method at a length.
  public Optional<ResultRow> row(String method, long length) {
    return rows.stream()
        .filter(row -> row.method().equals(method) && row.length() == length)
        .findFirst();
  }
}

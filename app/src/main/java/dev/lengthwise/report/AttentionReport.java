package dev.lengthwise.report;

import dev.lengthwise.diagnose.LayerDiagnosis;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a model does on a text, by method and layer.
///
/// @param title what was looked at
/// @param trainedLength tokens at which the model was trained
/// @param entries in the order of methods and layers
/// @param protocol how the numbers were made, in the order in which it is shown
/// @param notes what a reader must know to read the numbers
public record AttentionReport(
    String title,
    long trainedLength,
    List<Entry> entries,
    Map<String, Object> protocol,
    List<String> notes) {

  /// Copies the collections.
  public AttentionReport {
    entries = List.copyOf(entries);
    protocol = Collections.unmodifiableMap(new LinkedHashMap<>(protocol));
    notes = List.copyOf(notes);
  }

  /// One layer under one method.
  ///
  /// @param method its short name
  /// @param diagnosis of the layer, with every distance and position
  public record Entry(String method, LayerDiagnosis diagnosis) {

    /// The layer as people count, from 1.
    int layer() {
      return diagnosis.layer() + 1;
    }
  }
}

package dev.lengthwise.experiment;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One number of an experiment, with how it came about: a line of `metrics.jsonl`.
///
/// @param variant what was trained, or which model was taken
/// @param seed of the training, or of the measurement where nothing was trained
/// @param method under which it was evaluated
/// @param metric what the number says
/// @param length tokens of the text, or the position
/// @param parameter the number that the experiment varies, if it is one
/// @param depth place of a needle, 0 to 1
/// @param value the number; infinite or NaN where it is
/// @param count single observations that it is the mean of
/// @param protocol how it was measured
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Row(
    String variant,
    long seed,
    String method,
    String metric,
    int length,
    @Nullable Double parameter,
    @Nullable Double depth,
    double value,
    long count,
    Map<String, Object> protocol) {

  /// Copies the protocol.
  public Row {
    protocol = Collections.unmodifiableMap(new LinkedHashMap<>(protocol));
  }
}

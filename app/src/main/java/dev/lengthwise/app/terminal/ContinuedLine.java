package dev.lengthwise.app.terminal;

import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A line that goes on in the next one where its last character is a backslash.
final class ContinuedLine {

  private static final String GOES_ON = "\\";

  private ContinuedLine() {}

  /// A line with those in which it goes on.
  ///
  /// @param first `null` at the end of the input
  /// @param next gives the next line, `null` at the end of the input
  static Optional<String> of(@Nullable String first, Supplier<@Nullable String> next) {
    if (first == null) {
      return Optional.empty();
    }
    StringBuilder whole = new StringBuilder();
    @Nullable String line = first;
    while (line != null && line.endsWith(GOES_ON)) {
      whole.append(line, 0, line.length() - GOES_ON.length());
      line = next.get();
      whole.append(line == null ? "" : "\n");
    }
    return Optional.of(whole.append(line == null ? "" : line).toString());
  }
}

package dev.lengthwise.generate;

import java.util.List;

/// Cuts a stream of text at the first stop string, which may come in pieces.
final class StopStrings {

  private final List<String> stops;
  private final StringBuilder held = new StringBuilder();
  private boolean stopped;

  StopStrings(List<String> stops) {
    this.stops = List.copyOf(stops);
  }

  /// Takes the next piece; returns what is certain not to be part of a stop string.
  String accept(String piece) {
    held.append(piece);
    int first = -1;
    for (String stop : stops) {
      int at = held.indexOf(stop);
      if (at >= 0 && (first < 0 || at < first)) {
        first = at;
      }
    }
    if (first >= 0) {
      stopped = true;
      String before = held.substring(0, first);
      held.setLength(0);
      return before;
    }
    int certain = held.length() - longestBeginning();
    String released = held.substring(0, certain);
    held.delete(0, certain);
    return released;
  }

  /// What was held back when the stream ends.
  String rest() {
    String rest = held.toString();
    held.setLength(0);
    return rest;
  }

  boolean stopped() {
    return stopped;
  }

  // Length of the longest end of the held text that begins a stop string.
  private int longestBeginning() {
    int longest = 0;
    for (String stop : stops) {
      for (int length = Math.min(stop.length() - 1, held.length()); length > longest; length--) {
        if (stop.startsWith(held.substring(held.length() - length))) {
          longest = length;
        }
      }
    }
    return longest;
  }
}

package dev.lengthwise.server;

import java.util.OptionalInt;

/// Which tokens of an answer are scored.
///
/// @param likely how many likely tokens are named beside each that is drawn; empty where none is
///     scored
/// @param prompt whether the tokens of the prompt are scored, too
record Scoring(OptionalInt likely, boolean prompt) {

  /// None.
  static final Scoring NONE = new Scoring(OptionalInt.empty(), false);
}

package dev.lengthwise.server;

import java.util.UUID;

/// Names of answers and of their parts, which no other has.
final class Ids {

  private Ids() {}

  /// A new one.
  ///
  /// @param prefix says what it is of
  static String of(String prefix) {
    return prefix + UUID.randomUUID().toString().replace("-", "");
  }
}

package dev.lengthwise.text;

import dev.lengthwise.parallel.CounterRandom;

/// Random strings.
final class Symbols {

  private Symbols() {}

  /// `length` characters of `alphabet`, each equally likely.
  static String random(CounterRandom random, String alphabet, int length) {
    StringBuilder text = new StringBuilder(length);
    for (int place = 0; place < length; place++) {
      text.append(alphabet.charAt(random.between(0, alphabet.length() - 1)));
    }
    return text.toString();
  }
}

package dev.lengthwise.text;

import dev.lengthwise.parallel.CounterRandom;

/// Even pairs (Delétang et al. 2023, "Neural Networks and the Chomsky Hierarchy"): whether a binary
/// string has an even number of changes `ab` and `ba`, which is whether its first and last symbols
/// are equal: `abba=1`, `abb=0`.
///
/// Only the two ends matter, so a model that sees a window only stays at 50 %.
record EvenPairs() implements TextGenerator {

  @Override
  public String name() {
    return "even-pairs";
  }

  @Override
  public Lengths lengths() {
    return new Lengths(2, 60);
  }

  @Override
  public boolean answersOnly() {
    return true;
  }

  @Override
  public Question question(CounterRandom random, int length) {
    String symbols = Symbols.random(random, "ab", length);
    boolean even = symbols.charAt(0) == symbols.charAt(length - 1);
    return new Question(symbols + "=", even ? "1" : "0");
  }
}

package dev.lengthwise.text;

import dev.lengthwise.parallel.CounterRandom;

/// Reverse string (Delétang et al. 2023): a binary string backwards: `abb=bba`.
record Reverse() implements TextGenerator {

  @Override
  public String name() {
    return "reverse";
  }

  @Override
  public Lengths lengths() {
    return new Lengths(1, 30);
  }

  @Override
  public boolean answersOnly() {
    return true;
  }

  @Override
  public Question question(CounterRandom random, int length) {
    String symbols = Symbols.random(random, "ab", length);
    return new Question(symbols + "=", new StringBuilder(symbols).reverse().toString());
  }
}

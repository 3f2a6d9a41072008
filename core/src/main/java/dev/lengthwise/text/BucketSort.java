package dev.lengthwise.text;

import dev.lengthwise.parallel.CounterRandom;

/// Bucket sort (Delétang et al. 2023): a string over five symbols, sorted: `cab=abc`.
record BucketSort() implements TextGenerator {

  @Override
  public String name() {
    return "bucket-sort";
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
    String symbols = Symbols.random(random, "abcde", length);
    StringBuilder sorted = new StringBuilder(length);
    symbols.chars().sorted().forEach(symbol -> sorted.append((char) symbol));
    return new Question(symbols + "=", sorted.toString());
  }
}

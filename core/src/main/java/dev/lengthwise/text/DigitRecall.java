package dev.lengthwise.text;

import dev.lengthwise.parallel.CounterRandom;

/// Digit recall: the only digit among random letters: `kfq7xa?` → `7`. It is the passkey
/// (Mohtashami and Jaggi 2023, "Landmark Attention") at its smallest: one step of attention to a
/// token of another kind finds it, so small models learn it in some hundred steps.
///
/// The digit stands anywhere, so a model that sees a window only misses those before it and is then
/// right one time in ten.
record DigitRecall() implements TextGenerator {

  private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz";

  @Override
  public String name() {
    return "digit-recall";
  }

  @Override
  public Lengths lengths() {
    return new Lengths(1, 60);
  }

  @Override
  public boolean answersOnly() {
    return true;
  }

  @Override
  public Question question(CounterRandom random, int length) {
    String letters = Symbols.random(random, LETTERS, length);
    int place = random.between(0, length);
    String digit = Integer.toString(random.between(0, 9));
    return new Question(
        letters.substring(0, place) + digit + letters.substring(place) + "?", digit);
  }
}

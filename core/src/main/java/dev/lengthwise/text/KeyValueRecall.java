package dev.lengthwise.text;

import dev.lengthwise.parallel.CounterRandom;

/// Key–value recall: pairs of a letter and a digit, then a letter whose digit is asked for:
/// `q3a7c1a7?q` → `3`. It is the associative recall of Fu et al. 2023 ("Hungry Hungry Hippos")
/// made global.
///
/// The asked key stands in exactly one pair, anywhere; the other keys come again, always with their
/// own digit. So the alphabet stays small at any length, and nothing near the end gives the answer
/// away.
record KeyValueRecall() implements TextGenerator {

  private static final int KEYS = 26;
  private static final int VALUES = 10;

  @Override
  public String name() {
    return "key-value";
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
    int[] values = new int[KEYS];
    for (int key = 0; key < KEYS; key++) {
      values[key] = random.between(0, VALUES - 1);
    }
    int asked = random.between(0, KEYS - 1);
    int place = random.between(0, length - 1);
    StringBuilder prompt = new StringBuilder(2 * length + 2);
    for (int pair = 0; pair < length; pair++) {
      int other = (asked + random.between(1, KEYS - 1)) % KEYS;
      int key = pair == place ? asked : other;
      prompt.append(letter(key)).append(values[key]);
    }
    prompt.append('?').append(letter(asked));
    return new Question(prompt.toString(), Integer.toString(values[asked]));
  }

  private static char letter(int key) {
    return (char) ('a' + key);
  }
}

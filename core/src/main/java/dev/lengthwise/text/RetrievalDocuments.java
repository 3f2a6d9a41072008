package dev.lengthwise.text;

import dev.lengthwise.parallel.CounterRandom;
import java.util.ArrayList;
import java.util.List;

/// Short documents whose end can only be known from an earlier place: passkey prompts, most of them
/// in the exact template, and constants in Java style that are asked for again.
record RetrievalDocuments() implements TextGenerator {

  /// Digits of the longest key.
  public static final int MAXIMUM_DIGITS = 6;

  private static final List<String> OTHER_FILLERS =
      List.of(
          "The grass is green. The sky is blue. The sun is yellow. Here we go. There and back"
              + " again.",
          "The method returns a value. The list is empty. The index is the position of the first"
              + " element.",
          "This class is thread safe. Instances are immutable. See the documentation of the"
              + " interface.");

  private static final List<String> NAMES =
      List.of(
          "alpha", "beta", "gamma", "delta", "size", "limit", "offset", "count", "index", "length",
          "width", "height", "depth", "total", "first", "last", "start", "end", "min", "max",
          "left", "right", "value", "code", "port", "level", "order", "rank", "mask", "seed");

  /// Characters of filler that leave the whole prompt below 256 tokens.
  private static final int MAXIMUM_FILLER = 460;

  @Override
  public String name() {
    return "retrieval";
  }

  @Override
  public Lengths lengths() {
    return new Lengths(MAXIMUM_FILLER, MAXIMUM_FILLER);
  }

  @Override
  public boolean answersOnly() {
    return false;
  }

  @Override
  public Question question(CounterRandom random, int length) {
    double kind = random.nextDouble();
    if (kind < 0.55) {
      return landmark(random, PasskeyTemplate.LANDMARK, length);
    }
    if (kind < 0.65) {
      PasskeyTemplate exact = PasskeyTemplate.LANDMARK;
      String filler = OTHER_FILLERS.get(random.between(0, OTHER_FILLERS.size() - 1));
      return landmark(
          random,
          new PasskeyTemplate(
              exact.name(), exact.instruction(), filler, exact.needle(), exact.question()),
          length);
    }
    return constants(random);
  }

  private static Question landmark(CounterRandom random, PasskeyTemplate template, int mostFiller) {
    int digits = random.between(1, MAXIMUM_DIGITS);
    long smallest = digits == 1 ? 0 : Math.round(Math.pow(10, digits - 1));
    long key = smallest + random.below(Math.round(Math.pow(10, digits)) - smallest);
    int filler = random.between(0, random.between(0, mostFiller)); // more often short
    int prefix = random.between(0, filler);
    return new Question(template.build(key, prefix, filler - prefix), template.answer(key));
  }

  private static Question constants(CounterRandom random) {
    int count = random.between(4, 12);
    List<String> names = new ArrayList<>(NAMES);
    List<String> chosen = new ArrayList<>();
    List<Long> values = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    for (int constant = 0; constant < count; constant++) {
      chosen.add(names.remove(random.between(0, names.size() - 1)));
      values.add(random.below(Math.round(Math.pow(10, random.between(1, 5)))));
      text.append("int %s = %d;\n".formatted(chosen.getLast(), values.getLast()));
    }
    int asked = random.between(4, 12);
    String answer = "";
    for (int question = 0; question < asked; question++) {
      int constant = random.between(0, count - 1);
      text.append(answer).append("assert %s ==".formatted(chosen.get(constant)));
      answer = " %d;\n".formatted(values.get(constant));
    }
    return new Question(text.toString(), answer);
  }
}

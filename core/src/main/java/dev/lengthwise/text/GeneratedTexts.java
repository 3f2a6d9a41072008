package dev.lengthwise.text;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.parallel.CounterRandom;

/// An endless row of questions: number `n` of a seed is always the same.
///
/// @param generator name of a [TextGenerator]
/// @param shortest smallest length of a question
/// @param longest largest length of a question; lengths between are equally likely
/// @param seed decides the questions
public record GeneratedTexts(String generator, int shortest, int longest, long seed) {

  /// The greatest length: a question is made in memory.
  private static final int LONGEST = 1 << 20;

  /// Checks name and lengths.
  public GeneratedTexts {
    TextGenerators.of(generator);
    if (shortest < 1 || longest < shortest || longest > LONGEST) {
      throw new LengthwiseException(
          "Generated texts '%s': expected lengths from at least 1 upwards, at most %,d, found %d to %d."
              .formatted(generator, LONGEST, shortest, longest));
    }
  }

  /// Questions of the usual lengths in training.
  public static GeneratedTexts usual(String generator, long seed) {
    TextGenerator.Lengths lengths = TextGenerators.of(generator).lengths();
    return new GeneratedTexts(generator, lengths.shortest(), lengths.longest(), seed);
  }

  /// Whether only answers are learnt.
  public boolean answersOnly() {
    return TextGenerators.of(generator).answersOnly();
  }

  /// Question `number`.
  public Question question(long number) {
    CounterRandom random = new CounterRandom(seed, number);
    int length = shortest == longest ? shortest : random.between(shortest, longest);
    return TextGenerators.of(generator).question(random, length);
  }

  /// Name and lengths, for reports: `reverse:40` or `reverse:1-40`.
  public String label() {
    return generator + ":" + (shortest == longest ? "" : shortest + "-") + longest;
  }
}

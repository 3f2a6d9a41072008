package dev.lengthwise.text;

import dev.lengthwise.parallel.CounterRandom;

/// Makes questions of any length, to train on and to measure exactly. The catalogue is
/// [TextGenerators].
public interface TextGenerator {

  /// Name in commands and settings.
  String name();

  /// The usual range of lengths in training.
  Lengths lengths();

  /// Whether only answers are learnt: everything before them is random.
  boolean answersOnly();

  /// A question.
  ///
  /// @param random the only source of chance
  /// @param length size of the question, at least 1
  Question question(CounterRandom random, int length);

  /// A range of lengths.
  ///
  /// @param shortest smallest length
  /// @param longest largest length
  record Lengths(int shortest, int longest) {}
}

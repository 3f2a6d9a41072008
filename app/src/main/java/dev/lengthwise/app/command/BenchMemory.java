package dev.lengthwise.app.command;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.app.options.ByteSize;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.generate.MemoryPlanner;

/// What texts of `bench` take beside the weights of their model, said before they are made.
///
/// @param planner of the model under a method
/// @param texts that are held at once
/// @param tokens of each
record BenchMemory(MemoryPlanner planner, int texts, long tokens) {

  /// More bytes than any machine has.
  private static final long MOST = 1L << 60;

  /// Texts of a model under a method.
  ///
  /// @param chunk most tokens of a text that are read at once
  BenchMemory(InferenceModel inference, int texts, long tokens, int chunk) {
    this(MemoryPlanner.ofTexts(inference, chunk), texts, tokens);
  }

  /// Bytes of their keys, values and states, and of the ids of one text; of so many texts that the
  /// product fits no long, more than any machine has.
  long bytes() {
    long one = planner.cache(tokens);
    return one > MOST / texts ? MOST : texts * one + tokens * Integer.BYTES;
  }

  /// Refuses what cannot fit.
  ///
  /// @param machine bytes that there are
  /// @throws LengthwiseException where texts take more
  void require(long machine) {
    if (bytes() <= machine) {
      return;
    }
    throw new LengthwiseException(
        "%s of %,d tokens under %s %s %s beside the weights, and this machine has %s; %s."
            .formatted(
                texts == 1 ? "A text" : "%,d texts at once".formatted(texts),
                tokens,
                planner.plans().chosen().name(),
                texts == 1 ? "takes" : "take",
                bytes() == MOST ? "more than any machine has" : ByteSize.text(bytes()),
                ByteSize.text(machine),
                texts == 1 ? "measure shorter ones" : "give fewer --texts"));
  }
}

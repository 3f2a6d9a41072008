package dev.lengthwise.encode;

import dev.lengthwise.LengthwiseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What makes a vector of the hidden states of a text, and what is put before texts: data that lies
/// beside a model ([EncoderFolder]).
///
/// @param pooling how states become one vector
/// @param countsPrompt whether pooling counts the tokens of a prompt
/// @param steps what is done to that vector, in order
/// @param prompts texts that are put before others, by name
/// @param defaultPrompt the name of the one that is put before a text where none is named
/// @param longest tokens of the longest text; `Long.MAX_VALUE` where only the model bounds it
/// @param lowerCase whether texts are put in lower case first
public record Recipe(
    Pooling pooling,
    boolean countsPrompt,
    List<VectorStep> steps,
    Map<String, String> prompts,
    Optional<String> defaultPrompt,
    long longest,
    boolean lowerCase) {

  /// Copies list and map.
  public Recipe {
    steps = List.copyOf(steps);
    prompts = Map.copyOf(prompts);
  }

  /// Pooling alone, or with a division by the Euclidean length.
  public static Recipe of(Pooling pooling, boolean normalizes) {
    return new Recipe(
        pooling,
        true,
        normalizes ? List.of(new VectorStep.Normalize()) : List.of(),
        Map.of(),
        Optional.empty(),
        Long.MAX_VALUE,
        false);
  }

  /// The same with another pooling.
  public Recipe with(Pooling other) {
    return new Recipe(other, countsPrompt, steps, prompts, defaultPrompt, longest, lowerCase);
  }

  /// The same for texts of at most `tokens` tokens.
  public Recipe withLongest(long tokens) {
    return new Recipe(pooling, countsPrompt, steps, prompts, defaultPrompt, tokens, lowerCase);
  }

  /// The same with vectors of length 1, or with vectors as they are.
  public Recipe normalizing(boolean wanted) {
    List<VectorStep> kept = new ArrayList<>(steps);
    kept.removeIf(VectorStep.Normalize.class::isInstance);
    if (wanted) {
      kept.add(new VectorStep.Normalize());
    }
    return new Recipe(pooling, countsPrompt, kept, prompts, defaultPrompt, longest, lowerCase);
  }

  /// The text that is put before others.
  ///
  /// @param name of a prompt; empty for the default one
  /// @throws LengthwiseException of an unknown name: the message lists those that there are
  public String prompt(Optional<String> name) {
    Optional<String> wanted = name.or(() -> defaultPrompt);
    if (wanted.isEmpty()) {
      return "";
    }
    String text = prompts.get(wanted.get());
    if (text == null) {
      throw new LengthwiseException(
          "The encoder has no prompt '%s'; it has %s."
              .formatted(
                  wanted.get(),
                  prompts.isEmpty()
                      ? "none"
                      : String.join(", ", new TreeMap<>(prompts).navigableKeySet())));
    }
    return text;
  }

  /// Numbers of a vector of a model.
  ///
  /// @param hidden channels of its stream
  int size(int hidden) {
    int size = hidden;
    for (VectorStep step : steps) {
      size = step.size(size);
    }
    return size;
  }
}

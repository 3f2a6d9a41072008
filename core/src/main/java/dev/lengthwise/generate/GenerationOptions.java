package dev.lengthwise.generate;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// When and how to generate.
///
/// @param predict most tokens to generate
/// @param chunk most tokens of a prompt that run at once
/// @param sampling how tokens are drawn
/// @param stops texts, or names of control tokens, that end the generation and are not part of its
///     result
/// @param ignoresEnd whether end tokens are never drawn
/// @param logprobs how many of the most likely tokens the result names at each place, beside the
///     logarithm of the drawn one; empty: nothing of that
/// @param grammar what the generated text must be; empty: anything
public record GenerationOptions(
    int predict,
    int chunk,
    Sampling sampling,
    List<String> stops,
    boolean ignoresEnd,
    OptionalInt logprobs,
    Optional<TokenFilter.Maker> grammar) {

  /// Tokens of a prompt that run at once where nothing else is said.
  public static final int CHUNK = 512;

  /// Options without stop strings.
  ///
  /// @param predict most tokens to generate
  public static GenerationOptions of(Sampling sampling, int predict) {
    return new GenerationOptions(predict, CHUNK, sampling, List.of());
  }

  /// The same with another limit of tokens.
  public GenerationOptions withPredict(int tokens) {
    return new GenerationOptions(tokens, chunk, sampling, stops, ignoresEnd, logprobs, grammar);
  }

  /// The same with at most so many tokens.
  public GenerationOptions atMost(int tokens) {
    return withPredict(Math.min(predict, tokens));
  }

  /// The same with stop strings.
  public GenerationOptions withStops(List<String> texts) {
    return new GenerationOptions(predict, chunk, sampling, texts, ignoresEnd, logprobs, grammar);
  }

  /// The same with the logarithms of probabilities.
  ///
  /// @param top how many of the most likely tokens are named at each place
  public GenerationOptions withLogprobs(int top) {
    return new GenerationOptions(
        predict, chunk, sampling, stops, ignoresEnd, OptionalInt.of(top), grammar);
  }

  /// The same with a grammar of the generated text.
  public GenerationOptions withGrammar(TokenFilter.Maker wanted) {
    return new GenerationOptions(
        predict, chunk, sampling, stops, ignoresEnd, logprobs, Optional.of(wanted));
  }

  /// Options without logarithms and grammar.
  public GenerationOptions(
      int predict, int chunk, Sampling sampling, List<String> stops, boolean ignoresEnd) {
    this(predict, chunk, sampling, stops, ignoresEnd, OptionalInt.empty(), Optional.empty());
  }

  /// Options under which end tokens end the generation.
  public GenerationOptions(int predict, int chunk, Sampling sampling, List<String> stops) {
    this(predict, chunk, sampling, stops, false);
  }

  /// Checks and copies.
  public GenerationOptions {
    if (predict < 0 || chunk <= 0) {
      throw new IllegalArgumentException(
          "the number of tokens to generate must be 0 or more, and the batch size positive, found "
              + predict
              + " and "
              + chunk);
    }
    logprobs.ifPresent(
        top -> {
          if (top < 0) {
            throw new IllegalArgumentException(
                "the number of most likely tokens must be 0 or more, found " + top);
          }
        });
    stops = List.copyOf(stops);
    if (stops.stream().anyMatch(String::isEmpty)) {
      throw new IllegalArgumentException("a stop string must not be empty");
    }
  }
}

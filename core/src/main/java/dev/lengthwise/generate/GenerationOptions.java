package dev.lengthwise.generate;

import java.util.List;

/// When and how to generate.
///
/// @param predict most tokens to generate
/// @param chunk most tokens of a prompt that run at once
/// @param sampling how tokens are drawn
/// @param stops texts, or names of control tokens, that end the generation and are not part of its
///     result
/// @param ignoresEnd whether end tokens are never drawn
public record GenerationOptions(
    int predict, int chunk, Sampling sampling, List<String> stops, boolean ignoresEnd) {

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
    return new GenerationOptions(tokens, chunk, sampling, stops, ignoresEnd);
  }

  /// The same with at most so many tokens.
  public GenerationOptions atMost(int tokens) {
    return withPredict(Math.min(predict, tokens));
  }

  /// The same with stop strings.
  public GenerationOptions withStops(List<String> texts) {
    return new GenerationOptions(predict, chunk, sampling, texts, ignoresEnd);
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
    stops = List.copyOf(stops);
    if (stops.stream().anyMatch(String::isEmpty)) {
      throw new IllegalArgumentException("a stop string must not be empty");
    }
  }
}

package dev.lengthwise.position;

/// Keys beside those of the branches, for the last query of a step alone: of the candidates, those
/// with the greatest scores.
///
/// Each head chooses for itself, and the chosen keys join the one softmax of their query. A step is
/// one call of an engine: a prompt, a chunk of it, or one token. So what a text gives depends on
/// where steps end ([PositionMethod#dependsOnSteps]).
///
/// Source: Han et al. 2024, "LM-Infinite" (NAACL), section on attending to top-k tokens.
///
/// @param count the most keys that a head chooses
/// @param candidates the keys to choose from, which no branch of the plan holds, and where the
///     query and they stand
public record KeySelection(long count, Branch candidates) {

  /// Checks the count.
  public KeySelection {
    if (count <= 0) {
      throw new IllegalArgumentException("a selection must choose at least one key: " + count);
    }
  }
}

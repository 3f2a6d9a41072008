package dev.lengthwise.batch;

/// How much a scheduler takes on.
///
/// @param running most texts that run at once
/// @param waiting most texts that wait for their turn
/// @param chunk most tokens of a prompt that run between two tokens of the other texts
/// @param tokens most tokens of all running texts together, prompts and what they may yet become
/// @param cacheBytes most bytes of keys, values and states of all running texts together, with what
///     they may yet become
/// @param prefixBytes most bytes of begins of prompts that are kept for prompts to come; 0: none
public record BatchLimits(
    int running, int waiting, int chunk, long tokens, long cacheBytes, long prefixBytes) {

  /// Checks the numbers.
  public BatchLimits {
    require(running > 0, "the number of texts that run at once must be positive", running);
    require(waiting >= 0, "the number of texts that may wait must be 0 or more", waiting);
    require(chunk > 0, "the tokens of a prompt that run at once must be positive", chunk);
    require(tokens > 0, "the tokens of all running texts must be positive", tokens);
    require(cacheBytes > 0, "the bytes of caches must be positive", cacheBytes);
    require(prefixBytes >= 0, "the bytes of kept prompts must be 0 or more", prefixBytes);
  }

  private static void require(boolean condition, String rule, long found) {
    if (!condition) {
      throw new IllegalArgumentException(rule + ", found " + found);
    }
  }
}

package dev.lengthwise.batch;

/// Where prompts are cut into chunks, which are passes of their own.
///
/// A cut depends on nothing but the place in the prompt: then a prompt that begins as another one
/// is cut as that one, and has the same bits up to every cut within what they share. The first
/// chunks are short, so that little of what is shared lies behind the last common cut: each is half
/// of what is before it, in whole pages of the cache.
///
/// @param chunk most tokens of a chunk
record PromptCuts(int chunk) {

  private static final int SHORTEST = 64; // tokens of a page of the cache

  /// The cut after that at `at`, whatever the length of the prompt.
  int after(int at) {
    int half = at / 2 / SHORTEST * SHORTEST;
    return (int) Math.min(Integer.MAX_VALUE, (long) at + Math.min(chunk, Math.max(SHORTEST, half)));
  }

  /// The last cut that is not beyond `tokens`.
  int lastWithin(int tokens) {
    int cut = 0;
    while (after(cut) <= tokens && after(cut) > cut) {
      cut = after(cut);
    }
    return cut;
  }
}

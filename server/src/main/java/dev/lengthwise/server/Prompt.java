package dev.lengthwise.server;

import java.util.Arrays;

/// A prompt that fits.
///
/// @param ids its tokens
/// @param dropped tokens that it lost, since its request asked for that
record Prompt(int[] ids, int dropped) {

  /// A prompt within the limit.
  ///
  /// @param most tokens to generate
  /// @param limit of tokens of the whole text
  /// @throws ApiException when it is too long and may not lose anything
  static Prompt within(int[] ids, Wishes wishes, int most, int limit) {
    if (ids.length == 0) {
      throw ApiException.invalid(
          "prompt",
          "The prompt is empty and this model has no begin-of-text token; give a text");
    }
    int room = limit - Math.min(1, most);
    if (ids.length <= room) {
      return new Prompt(ids, 0);
    }
    int kept = wishes.most().isPresent() ? limit - most : room;
    if (wishes.rule() == ContextRule.TRUNCATE_LEFT && kept > 0) {
      return new Prompt(Arrays.copyOfRange(ids, ids.length - kept, ids.length), ids.length - kept);
    }
    throw ApiException.tooLong(
        "The prompt has %d tokens and exceeds the available context size of %d tokens%s; shorten it, raise --ctx-size, or ask for \"context_policy\": \"truncate-left\""
            .formatted(ids.length, limit, most > 0 ? " with room for an answer" : ""));
  }
}

package dev.lengthwise.batch;

/// What a scheduler holds at a moment.
///
/// @param running texts that run
/// @param waiting texts that wait
/// @param tokens most tokens that the running texts may come to have
/// @param promisedBytes most memory of keys, values and states that they may come to have
/// @param cacheBytes that which they have, pages counted for each that holds them
/// @param prefixBytes memory of begins of prompts that are kept, as if nothing of it were shared
public record Occupancy(
    int running, int waiting, long tokens, long promisedBytes, long cacheBytes, long prefixBytes) {

  static final Occupancy NONE = new Occupancy(0, 0, 0, 0, 0, 0);
}

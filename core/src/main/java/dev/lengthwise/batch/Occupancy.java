package dev.lengthwise.batch;

/// What a scheduler holds at a moment.
///
/// @param running texts that run
/// @param waiting texts that wait
/// @param tokens most tokens that the running texts may come to have
/// @param cacheBytes memory of the keys, values and states of all running texts
public record Occupancy(int running, int waiting, long tokens, long cacheBytes) {}

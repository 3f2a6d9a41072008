package dev.lengthwise.bench;

/// How much one run of a benchmark does, as far as that can be counted.
///
/// @param tokens tokens that are read or written
/// @param operations floating point operations; a multiplication and an addition are two
/// @param bytes bytes that must come from memory
public record Work(double tokens, double operations, double bytes) {}

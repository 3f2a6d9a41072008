package dev.lengthwise.evaluate;

/// What was written, and what should have been.
///
/// @param candidate what was written
/// @param reference what should have been
record TextPair(String candidate, String reference) {}

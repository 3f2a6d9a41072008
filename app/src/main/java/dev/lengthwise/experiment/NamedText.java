package dev.lengthwise.experiment;

/// A text that models are measured on.
///
/// @param name where it is from
/// @param content the text
public record NamedText(String name, String content) {}

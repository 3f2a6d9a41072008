package dev.lengthwise.text;

/// A text to read.
///
/// @param name where it came from
/// @param text its characters
/// @param sha256 of its bytes in UTF-8, lower-case hexadecimal
public record Document(String name, String text, String sha256) {}

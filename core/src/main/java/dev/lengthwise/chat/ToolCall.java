package dev.lengthwise.chat;

/// A call of a tool that a model wrote.
///
/// @param name of the tool
/// @param arguments a JSON object, as text
public record ToolCall(String name, String arguments) {}

package dev.lengthwise.server;

/// A call of a tool that a model wrote.
///
/// @param name of the tool
/// @param arguments a JSON object, as text
record ToolCall(String name, String arguments) {}

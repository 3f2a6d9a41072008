package dev.lengthwise.batch;

/// How far a running text has come.
///
/// @param slot its place among those that run at once, from 0
/// @param method position method, with its parameters
/// @param promptTokens of its prompt
/// @param readTokens those of them that are read
/// @param sharedTokens those of them that were read for another text
/// @param generatedTokens tokens that were drawn
/// @param mostTokens that it may come to have
public record TextState(
    int slot,
    String method,
    int promptTokens,
    int readTokens,
    int sharedTokens,
    int generatedTokens,
    long mostTokens) {}

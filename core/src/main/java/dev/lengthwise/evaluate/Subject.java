package dev.lengthwise.evaluate;

import dev.lengthwise.generate.Runner;
import dev.lengthwise.tokenizer.Tokenizer;

/// What is judged: a model under one method.
///
/// @param runner the model and its plans
/// @param tokenizer of the model
/// @param chunk most tokens that run at once
public record Subject(Runner runner, Tokenizer tokenizer, int chunk) {}

package dev.lengthwise.evaluate;

import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.tokenizer.Tokenizer;
import java.util.function.Supplier;

/// What is judged: a model under one method.
///
/// @param inference the model and its plans
/// @param tokenizers opens the tokenizer of the model, which not every task needs
/// @param chunk most tokens that run at once
public record Subject(InferenceModel inference, Supplier<Tokenizer> tokenizers, int chunk) {

  /// The tokenizer of the model.
  public Tokenizer tokenizer() {
    return tokenizers.get();
  }
}

package dev.lengthwise.method.syntax;

import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PositionMethod;
import java.util.List;

/// What the catalogue says of a method, and how an instance is made.
///
/// @param name its name on the command line
/// @param summary what it does, in one sentence
/// @param source paper or post
/// @param reach how far it works and what it remembers, in words
/// @param parameters its parameters, in the order of [PositionMethod#name]
/// @param factory makes an instance
public record MethodType(
    String name,
    String summary,
    String source,
    String reach,
    List<MethodParameter> parameters,
    Factory factory) {

  /// Makes a method with every parameter resolved.
  @FunctionalInterface
  public interface Factory {

    /// A method for a model.
    ///
    /// @param parameters what the user gave
    /// @param shape the model, for defaults
    /// @param declared the method of the checkpoint, for what only a checkpoint can say
    PositionMethod create(MethodArguments parameters, ModelShape shape, PositionMethod declared);
  }

  /// Checks that every text says something.
  public MethodType {
    if (name.isBlank() || summary.isBlank() || source.isBlank() || reach.isBlank()) {
      throw new IllegalArgumentException("a method needs a name, a summary, a source and a reach");
    }
    parameters = List.copyOf(parameters);
  }

  /// The keys of all parameters, as a phrase for messages.
  public String keyList() {
    return parameters.isEmpty()
        ? name + " has no parameters"
        : "keys of "
            + name
            + ": "
            + String.join(", ", parameters.stream().map(MethodParameter::name).toList());
  }
}

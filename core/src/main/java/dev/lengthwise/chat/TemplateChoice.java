package dev.lengthwise.chat;

import dev.lengthwise.LengthwiseException;
import java.nio.file.Path;

/// Which chat template is used: the model's own, one of its own by name, or another.
public sealed interface TemplateChoice {

  /// The model's own.
  TemplateChoice OWN = new Own();

  /// The name of one of the model's templates, or a template in Jinja, which has a brace.
  static TemplateChoice of(String text) {
    return text.contains("{") ? new Given("that was given", text) : new Named(text);
  }

  /// A template in a file.
  ///
  /// @throws LengthwiseException when it cannot be read
  static TemplateChoice inFile(Path file) {
    return new Given(file.toString(), TemplateFolder.text(file));
  }

  /// The model's own: that for tools where there are tools and it has one, else the default.
  record Own() implements TemplateChoice {}

  /// One of the model's own.
  ///
  /// @param name as the model calls it
  record Named(String name) implements TemplateChoice {}

  /// A template that the model does not have.
  ///
  /// @param name where it comes from, for messages
  /// @param source its text
  record Given(String name, String source) implements TemplateChoice {}
}

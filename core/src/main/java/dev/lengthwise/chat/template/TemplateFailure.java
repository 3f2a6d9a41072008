package dev.lengthwise.chat.template;

/// What went wrong in a template, without its place: [Template] adds name and line.
final class TemplateFailure extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /// A failure whose sentence begins after `line N: ` and has no full stop.
  TemplateFailure(String message) {
    super(message, null, false, false);
  }

  /// A failure as [String#format].
  @SuppressWarnings("AnnotateFormatMethod") // the annotation is of a library that we do not need
  static TemplateFailure of(String format, Object... arguments) {
    return new TemplateFailure(format.formatted(arguments));
  }
}

package dev.lengthwise.chat.template;

/// A piece of a template.
///
/// @param kind what it is
/// @param text the characters that count: of a string its value, of a number its digits
/// @param line where it begins, from 1
record Token(Kind kind, String text, int line) {

  /// What tokens there are.
  enum Kind {
    /// Text between tags.
    DATA,
    /// `{{`
    PRINT_BEGIN,
    /// `}}`
    PRINT_END,
    /// `{%`
    TAG_BEGIN,
    /// `%}`
    TAG_END,
    NAME,
    STRING,
    WHOLE,
    REAL,
    /// Brackets, commas and everything that computes.
    OPERATOR,
    /// The end of the template.
    END
  }

  boolean isName(String name) {
    return kind == Kind.NAME && text.equals(name);
  }

  boolean isOperator(String sign) {
    return kind == Kind.OPERATOR && text.equals(sign);
  }

  /// The token in a message.
  String inWords() {
    return switch (kind) {
      case DATA -> "text";
      case END -> "the end of the template";
      case PRINT_BEGIN -> "'{{'";
      case PRINT_END -> "'}}'";
      case TAG_BEGIN -> "'{%'";
      case TAG_END -> "'%}'";
      case STRING -> "a string";
      case NAME, WHOLE, REAL, OPERATOR -> "'" + text + "'";
    };
  }
}

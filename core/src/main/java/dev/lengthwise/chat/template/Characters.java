package dev.lengthwise.chat.template;

/// What Python says of single characters.
final class Characters {

  private Characters() {}

  /// Whether `str.isspace` holds and `str.strip` takes the character away.
  static boolean isSpace(int character) {
    return (character >= 0x09 && character <= 0x0D)
        || (character >= 0x1C && character <= 0x20)
        || character == 0x85
        || (character >= 0x80 && Character.isSpaceChar(character));
  }

  /// Whether `str.splitlines` ends a line after the character.
  static boolean endsLine(int character) {
    return (character >= 0x0A && character <= 0x0D)
        || (character >= 0x1C && character <= 0x1E)
        || character == 0x85
        || character == 0x2028
        || character == 0x2029;
  }

  /// Whether `repr` shows the character as it is.
  static boolean isPrintable(int character) {
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> character == ' ';
      default -> true;
    };
  }

  /// Whether the character has letter case: upper, lower or title.
  static boolean isCased(int character) {
    return Character.isUpperCase(character)
        || Character.isLowerCase(character)
        || Character.isTitleCase(character);
  }
}

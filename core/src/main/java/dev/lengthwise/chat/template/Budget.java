package dev.lengthwise.chat.template;

/// The work that a rendering may do, in units that bound its time and its memory.
///
/// A step of the interpreter is one unit. Whatever is made costs units for its size, at least one
/// for every eight bytes, so a rendering never holds more than [#BYTES_OF_UNIT] times its units.
final class Budget {

  /// Bytes that a rendering may hold for each unit: 128 MiB for small templates and data.
  static final int BYTES_OF_UNIT = 8;

  /// Units that every rendering has.
  static final long BASE = 16L << 20;

  /// Units for each character of template and data: several copies of a long conversation.
  static final long FOR_EACH_CHARACTER = 128;

  /// The largest number of bits of a whole number.
  static final int NUMBER_BITS = 4096;

  // An object with its header and the reference to it.
  private static final int OBJECT = 24;

  private static final int DEPTH = 500;

  private final long all;
  private long left;
  private int depth;

  /// The work for a template and data of `characters` in all.
  Budget(long characters) {
    this.all = BASE + FOR_EACH_CHARACTER * characters;
    this.left = all;
  }

  /// Counts one step.
  void step() {
    spend(1);
  }

  /// Counts a text of `characters` before it is made.
  void text(long characters) {
    spend(2L * OBJECT + characters);
  }

  /// Counts that a text is read: much faster than making it.
  void reading(Text text) {
    spend(text.string().length() >> 4);
  }

  /// Counts that a value is read, where it is a text.
  void reading(Value value) {
    if (value instanceof Text text) {
      reading(text);
    }
  }

  /// Counts characters that are added to a text in the making.
  void characters(long count) {
    spend(count);
  }

  /// Fails at once where `count` characters cannot be added any more; counts nothing.
  void requireCharacters(long count) {
    if (count > left) {
      spend(count);
    }
  }

  /// Counts `count` values in a list before it is made.
  void values(long count) {
    spend(OBJECT * (1 + count));
  }

  /// Counts one more level of nesting; every call needs a [#leave()].
  void enter() {
    depth++;
    if (depth > DEPTH) {
      throw TemplateFailure.of(
          "it is nested more than %d deep; look for a macro that calls itself, or split the"
              + " expression",
          DEPTH);
    }
    spend(1);
  }

  /// Ends a level of nesting.
  void leave() {
    depth--;
  }

  private void spend(long units) {
    if (units < 0 || units > left) {
      throw TemplateFailure.of(
          "it needs more than the %d units of work that a template of its size may use; look for"
              + " an endless loop or a repeated text",
          all);
    }
    left -= units;
  }
}

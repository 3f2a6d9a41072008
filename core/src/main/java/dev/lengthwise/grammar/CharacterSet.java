package dev.lengthwise.grammar;

import dev.lengthwise.grammar.Grammar.Bytes;
import dev.lengthwise.grammar.Grammar.Symbol;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// A set of characters, as runs of code points without surrogates, and their bytes in UTF-8.
///
/// @param runs in order, apart from one another
record CharacterSet(List<Run> runs) {

  /// All characters.
  static final CharacterSet ALL = of(List.of(new Run(0, Character.MAX_CODE_POINT)));

  private static final int[] GREATEST_BY_LENGTH = {0x7f, 0x7ff, 0xffff, Character.MAX_CODE_POINT};

  /// Characters from `first` to `last`.
  record Run(int first, int last) {}

  /// The characters of some runs, which may overlap.
  static CharacterSet of(List<Run> runs) {
    List<Run> joined = new ArrayList<>();
    for (Run run : runs.stream().sorted(Comparator.comparingInt(Run::first)).toList()) {
      if (!joined.isEmpty() && run.first() <= joined.getLast().last() + 1) {
        Run before = joined.removeLast();
        joined.add(new Run(before.first(), Math.max(before.last(), run.last())));
      } else {
        joined.add(run);
      }
    }
    return new CharacterSet(joined);
  }

  /// All other characters.
  CharacterSet complement() {
    List<Run> others = new ArrayList<>();
    int next = 0;
    for (Run run : runs) {
      if (run.first() > next) {
        others.add(new Run(next, run.first() - 1));
      }
      next = run.last() + 1;
    }
    if (next <= Character.MAX_CODE_POINT) {
      others.add(new Run(next, Character.MAX_CODE_POINT));
    }
    return new CharacterSet(others);
  }

  /// The characters as sequences of bytes.
  List<List<Symbol>> sequences() {
    List<List<Symbol>> sequences = new ArrayList<>();
    for (Run run : runs) { // surrogates have no bytes
      addRun(sequences, run.first(), Math.min(run.last(), Character.MIN_SURROGATE - 1));
      addRun(sequences, Math.max(run.first(), Character.MAX_SURROGATE + 1), run.last());
    }
    return sequences;
  }

  // A run is cut where the number of bytes changes, …
  private static void addRun(List<List<Symbol>> sequences, int first, int last) {
    int least = 0;
    for (int length = 1; length <= GREATEST_BY_LENGTH.length; length++) {
      int greatest = GREATEST_BY_LENGTH[length - 1];
      int from = Math.max(first, least);
      int until = Math.min(last, greatest);
      if (from <= until) {
        addEqualLength(sequences, from, until, length);
      }
      least = greatest + 1;
    }
  }

  // … and then until every byte of its characters runs by itself: [E0 A0-BF 80-BF].
  private static void addEqualLength(
      List<List<Symbol>> sequences, int first, int last, int length) {
    for (int rest = 1; rest < length; rest++) {
      int mask = (1 << (6 * rest)) - 1; // of the last bytes
      if ((first & ~mask) != (last & ~mask)) {
        if ((first & mask) != 0) {
          addEqualLength(sequences, first, first | mask, length);
          addEqualLength(sequences, (first | mask) + 1, last, length);
          return;
        }
        if ((last & mask) != mask) {
          addEqualLength(sequences, first, (last & ~mask) - 1, length);
          addEqualLength(sequences, last & ~mask, last, length);
          return;
        }
      }
    }
    List<Symbol> sequence = new ArrayList<>();
    for (int place = length - 1; place >= 0; place--) {
      sequence.add(new Bytes(unit(first, place, length), unit(last, place, length)));
    }
    sequences.add(sequence);
  }

  // Byte of a character of `length` bytes, counted from the last one.
  private static int unit(int character, int place, int length) {
    if (length == 1) {
      return character;
    }
    int bits = character >> (6 * place);
    return place < length - 1 ? 0x80 | (bits & 0x3f) : (0xf00 >> length & 0xff) | bits;
  }
}

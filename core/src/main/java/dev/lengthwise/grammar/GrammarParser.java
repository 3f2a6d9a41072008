package dev.lengthwise.grammar;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.grammar.CharacterSet.Run;
import dev.lengthwise.grammar.Grammar.Bytes;
import dev.lengthwise.grammar.Grammar.Reference;
import dev.lengthwise.grammar.Grammar.Symbol;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Reads GBNF. A rule ends with its line, except inside of parentheses and after `|` and `::=`.
final class GrammarParser {

  private static final int MOST_NESTED = 200;
  private static final int MOST_CHARACTERS = 1 << 20;
  private static final String ESCAPED = "nrt\\\"[]";
  private static final String UNESCAPED = "\n\r\t\\\"[]";

  private final String text;
  private final GrammarRules rules = new GrammarRules();
  private final Map<CharacterSet, Symbol> sets = new HashMap<>();
  private int at;
  private int nested;

  GrammarParser(String text) {
    this.text = text;
    if (text.length() > MOST_CHARACTERS) {
      throw new LengthwiseException(
          "The grammar has %d characters; expected at most %d"
              .formatted(text.length(), MOST_CHARACTERS));
    }
  }

  Grammar grammar() {
    space(true);
    while (at < text.length()) {
      rule();
      space(true);
    }
    rules.named("root");
    return rules.grammar();
  }

  private void rule() {
    String name = name();
    space(false);
    if (!text.startsWith("::=", at)) {
      throw wrong("'::=' after the name '" + name + "'");
    }
    at += 3;
    space(true);
    int rule = rules.named(name);
    if (rules.isDefined(rule)) {
      throw wrong("another name: there are two rules '" + name + "'");
    }
    rules.define(rule, alternatives());
    if (at < text.length() && peek() != '\n' && peek() != '\r') {
      throw wrong("the end of the line, or more of the rule '" + name + "'");
    }
  }

  private List<List<Symbol>> alternatives() {
    List<List<Symbol>> alternatives = new ArrayList<>();
    alternatives.add(sequence());
    while (at < text.length() && peek() == '|') {
      at++;
      space(true);
      alternatives.add(sequence());
    }
    return alternatives;
  }

  private List<Symbol> sequence() {
    List<Symbol> sequence = new ArrayList<>();
    while (at < text.length()) {
      List<Symbol> item;
      if (peek() == '"') {
        item = literal();
      } else if (peek() == '[') {
        item = List.of(characters(characterClass()));
      } else if (peek() == '.') {
        at++;
        item = List.of(characters(CharacterSet.ALL));
      } else if (peek() == '(') {
        item = List.of(group());
      } else if (isNamePart(peek())) {
        item = List.of(new Reference(rules.named(name())));
      } else {
        break;
      }
      space(nested > 0);
      sequence.addAll(repeated(item));
    }
    return sequence;
  }

  private Symbol group() {
    at++;
    nested++;
    if (nested > MOST_NESTED) {
      throw wrong("at most " + MOST_NESTED + " groups within one another");
    }
    space(true);
    List<List<Symbol>> alternatives = alternatives();
    if (at >= text.length() || peek() != ')') {
      throw wrong("')'");
    }
    at++;
    nested--;
    return rules.symbol(alternatives);
  }

  private List<Symbol> repeated(List<Symbol> item) {
    List<Symbol> result = item;
    while (at < text.length() && "*+?{".indexOf(peek()) >= 0) {
      Symbol one = rules.symbol(List.of(result));
      char operator = peek();
      at++;
      result =
          switch (operator) {
            case '*' -> rules.repeated(one, 0, -1);
            case '+' -> rules.repeated(one, 1, -1);
            case '?' -> rules.repeated(one, 0, 1);
            default -> counted(one);
          };
      space(nested > 0);
    }
    return result;
  }

  // {m}, {m,}, {,n}, {m,n}
  private List<Symbol> counted(Symbol item) {
    space(nested > 0);
    int least = at < text.length() && peek() == ',' ? 0 : number();
    int most = least;
    space(nested > 0);
    if (at < text.length() && peek() == ',') {
      at++;
      space(nested > 0);
      most = at < text.length() && peek() == '}' ? -1 : number();
      space(nested > 0);
    }
    if (at >= text.length() || peek() != '}') {
      throw wrong("'}'");
    }
    at++;
    if (most >= 0 && most < least) {
      throw wrong("at least as many as " + least + " in the second number of '{m,n}'");
    }
    return rules.repeated(item, least, most);
  }

  private int number() {
    int start = at;
    while (at < text.length() && Character.isDigit(peek())) {
      at++;
    }
    String digits = text.substring(start, at);
    if (digits.isEmpty() || digits.length() > 4) {
      at = start;
      throw wrong("a number of at most " + GrammarRules.MOST_REPETITIONS);
    }
    int number = Integer.parseInt(digits);
    if (number > GrammarRules.MOST_REPETITIONS) {
      throw wrong("a number of at most " + GrammarRules.MOST_REPETITIONS + " before this");
    }
    return number;
  }

  private List<Symbol> literal() {
    at++;
    StringBuilder literal = new StringBuilder();
    while (at < text.length() && peek() != '"' && peek() != '\n') {
      literal.appendCodePoint(character());
    }
    if (at >= text.length() || peek() != '"') {
      throw wrong("'\"' at the end of the literal");
    }
    if (literal.codePoints().anyMatch(one -> Character.getType(one) == Character.SURROGATE)) {
      throw wrong("whole characters before this, not half of a surrogate pair");
    }
    at++;
    List<Symbol> bytes = new ArrayList<>();
    for (byte one : literal.toString().getBytes(StandardCharsets.UTF_8)) {
      bytes.add(new Bytes(one & 0xff, one & 0xff));
    }
    return bytes;
  }

  private CharacterSet characterClass() {
    at++;
    boolean negated = at < text.length() && peek() == '^';
    at += negated ? 1 : 0;
    List<Run> runs = new ArrayList<>();
    while (at < text.length() && peek() != ']' && peek() != '\n') {
      int first = character();
      int last = first;
      if (at + 1 < text.length() && peek() == '-' && text.charAt(at + 1) != ']') {
        at++;
        last = character();
      }
      if (last < first) {
        throw wrong("characters in their order in a class");
      }
      runs.add(new Run(first, last));
    }
    if (at >= text.length() || peek() != ']') {
      throw wrong("']'");
    }
    at++;
    CharacterSet set = CharacterSet.of(runs);
    return negated ? set.complement() : set;
  }

  // Classes come again and again; each has one rule.
  private Symbol characters(CharacterSet set) {
    Symbol known = sets.get(set);
    if (known == null) {
      known = rules.symbol(set.sequences());
      sets.put(set, known);
    }
    return known;
  }

  private int character() {
    if (peek() != '\\') {
      int character = text.codePointAt(at);
      at += Character.charCount(character);
      return character;
    }
    at++;
    char escape = at < text.length() ? peek() : ' ';
    at++;
    int plain = ESCAPED.indexOf(escape);
    if (plain >= 0) {
      return UNESCAPED.charAt(plain);
    }
    return switch (escape) {
      case 'x' -> hexadecimal(2);
      case 'u' -> hexadecimal(4);
      case 'U' -> hexadecimal(8);
      default -> throw wrong("one of \\n \\r \\t \\\\ \\\" \\[ \\] \\xHH \\uHHHH \\UHHHHHHHH");
    };
  }

  private int hexadecimal(int digits) {
    String word = text.substring(at, Math.min(text.length(), at + digits));
    long value = word.matches("[0-9a-fA-F]{" + digits + "}") ? Long.parseLong(word, 16) : -1;
    if (value < 0 || value > Character.MAX_CODE_POINT) {
      throw wrong(digits + " hexadecimal digits of a character");
    }
    at += digits;
    return (int) value;
  }

  private String name() {
    int start = at;
    while (at < text.length() && isNamePart(peek())) {
      at++;
    }
    if (at == start) {
      throw wrong("the name of a rule");
    }
    return text.substring(start, at);
  }

  private static boolean isNamePart(char character) {
    return character < 128
        && (Character.isLetterOrDigit(character) || character == '-' || character == '_');
  }

  // White space and comments, over the end of a line only where the rule goes on.
  private void space(boolean overLines) {
    while (at < text.length()) {
      char next = peek();
      if (next == '#') {
        while (at < text.length() && peek() != '\n') {
          at++;
        }
      } else if (next == ' ' || next == '\t' || (overLines && (next == '\n' || next == '\r'))) {
        at++;
      } else {
        return;
      }
    }
  }

  private char peek() {
    return text.charAt(at);
  }

  private LengthwiseException wrong(String expected) {
    int end = Math.min(at, text.length());
    long line = 1 + text.substring(0, end).chars().filter(c -> c == '\n').count();
    int stop = text.indexOf('\n', end);
    String found = text.substring(end, Math.min(end + 20, stop < 0 ? text.length() : stop));
    return new LengthwiseException(
        "The grammar is wrong in line %d: expected %s, found %s"
            .formatted(line, expected, found.isEmpty() ? "the end" : "'" + found + "'"));
  }
}

package dev.lengthwise.chat.template;

import dev.lengthwise.chat.template.Token.Kind;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Cuts what is inside of a tag into tokens, one at a time.
final class ExpressionLexer {

  private static final Pattern REAL =
      Pattern.compile(
          "(?<!\\.)(?:\\d+_)*+\\d++(?:(?:\\.(?:\\d+_)*+\\d++)?[eE][+-]?(?:\\d+_)*+\\d++|\\.(?:\\d+_)*+\\d++)");
  private static final Pattern WHOLE =
      Pattern.compile(
          "0[bB](?:_?[01])++|0[oO](?:_?[0-7])++|0[xX](?:_?[0-9a-fA-F])++|[1-9](?:_?\\d)*+|0(?:_?0)*+");
  private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{Nl}_][\\p{L}\\p{N}\\p{M}_]*+");

  /// The longer ones first.
  private static final List<String> OPERATORS =
      List.of(
          "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{",
          "}", ">", "<", "=", ".", ":", "|", ",", ";");

  private final Source source;
  private final List<Token> tokens;
  private final Deque<String> closing = new ArrayDeque<>();

  /// A lexer that adds to `tokens`.
  ExpressionLexer(Source source, List<Token> tokens) {
    this.source = source;
    this.tokens = tokens;
  }

  /// Whether every bracket is closed, so that the tag may end here.
  boolean isBalanced() {
    return closing.isEmpty();
  }

  /// Reads one token, or the white space at the position.
  void next() {
    char first = source.at(source.position());
    if (Characters.isSpace(first)) {
      source.moveTo(source.position() + 1);
    } else if (first == '\'' || first == '"') {
      string(first);
    } else if (!matches(REAL, Kind.REAL)
        && !matches(WHOLE, Kind.WHOLE)
        && !matches(NAME, Kind.NAME)) {
      operator();
    }
  }

  private boolean matches(Pattern pattern, Kind kind) {
    Matcher matcher = source.match(pattern, source.position());
    if (matcher == null) {
      return false;
    }
    String text = matcher.group();
    add(kind, kind == Kind.NAME ? text : text.replace("_", "").toLowerCase(Locale.ROOT));
    source.moveTo(matcher.end());
    return true;
  }

  private void string(char quote) {
    int end = source.position() + 1;
    while (end < source.length() && source.at(end) != quote) {
      end += source.at(end) == '\\' ? 2 : 1;
    }
    if (end >= source.length()) {
      throw new TemplateFailure("a string has no closing " + quote);
    }
    String quoted = source.from(end);
    add(Kind.STRING, Escapes.decode(quoted.substring(1)));
    source.moveTo(end + 1);
  }

  private void operator() {
    String operator =
        OPERATORS.stream()
            .filter(source::startsWith)
            .findFirst()
            .orElseThrow(
                () ->
                    TemplateFailure.of(
                        "the character '%s' means nothing here", source.at(source.position())));
    switch (operator) {
      case "(" -> closing.push(")");
      case "[" -> closing.push("]");
      case "{" -> closing.push("}");
      case ")", "]", "}" -> {
        if (closing.isEmpty() || !closing.pop().equals(operator)) {
          throw TemplateFailure.of("'%s' closes nothing", operator);
        }
      }
      default -> {}
    }
    add(Kind.OPERATOR, operator);
    source.moveTo(source.position() + operator.length());
  }

  private void add(Kind kind, String text) {
    tokens.add(new Token(kind, text, source.line()));
  }
}

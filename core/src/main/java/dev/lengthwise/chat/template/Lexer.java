package dev.lengthwise.chat.template;

import dev.lengthwise.chat.template.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Cuts the source of a template into tokens.
///
/// The rules for white space are those of jinja2 with `trim_blocks` and `lstrip_blocks`: a line end
/// after a tag goes, and so do blanks before a tag at the begin of a line; a `-` takes away all
/// white space on its side, a `+` keeps it.
final class Lexer {

  private static final String TAG_END = "(?:\\+%}|-%}\\s*|%}\\n?)";

  private static final Pattern OPENING = Pattern.compile("\\{[{%#]");
  private static final Pattern RAW =
      Pattern.compile("\\{%[-+]?\\s*raw\\s*(?:-%}\\s*|%})", Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern END_OF_RAW =
      Pattern.compile("\\{%([-+]?)\\s*endraw\\s*" + TAG_END, Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern END_OF_COMMENT =
      Pattern.compile("\\+#}|-#}\\s*|#}\\n?", Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern END_OF_TAG =
      Pattern.compile(TAG_END, Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern END_OF_PRINT =
      Pattern.compile("-}}\\s*|}}", Pattern.UNICODE_CHARACTER_CLASS);

  private final Source source;
  private final List<Token> tokens = new ArrayList<>();

  private Lexer(Source source) {
    this.source = source;
  }

  /// The tokens of a source, the last of which is [Kind#END].
  ///
  /// @throws TemplateFailure for what is no template
  static List<Token> tokens(Source source) {
    Lexer lexer = new Lexer(source);
    lexer.all();
    return lexer.tokens;
  }

  private void all() {
    while (!source.isAtEnd()) {
      Matcher opening = source.find(OPENING);
      if (opening == null) {
        data(source.length());
        break;
      }
      char kind = source.at(opening.start() + 1);
      char sign = source.at(opening.end());
      boolean signed = sign == '-' || sign == '+';
      Matcher raw = kind == '%' ? source.match(RAW, opening.start()) : null;
      data(opening.start(), signed ? sign : ' ', kind != '{');
      if (raw != null) {
        source.moveTo(raw.end());
        raw();
      } else {
        source.moveTo(opening.end() + (signed ? 1 : 0));
        inside(kind);
      }
    }
    add(Kind.END, "");
  }

  private void data(int end) {
    String text = source.from(end);
    if (!text.isEmpty()) {
      add(Kind.DATA, text);
    }
    source.moveTo(end);
  }

  // Text up to a tag, without the white space that the tag takes away.
  private void data(int end, char sign, boolean trimsLine) {
    int kept = end;
    int begin = source.position();
    if (sign == '-') {
      while (kept > begin && Characters.isSpace(source.at(kept - 1))) {
        kept--;
      }
    } else if (sign != '+' && trimsLine) {
      kept = source.withoutIndentation(end);
    }
    data(kept);
    source.moveTo(end);
  }

  private void raw() {
    Matcher end = source.find(END_OF_RAW);
    if (end == null) {
      throw new TemplateFailure("'{% raw %}' has no '{% endraw %}'");
    }
    char sign = end.group(1).isEmpty() ? ' ' : end.group(1).charAt(0);
    data(end.start(), sign, true);
    source.moveTo(end.end());
  }

  private void inside(char kind) {
    switch (kind) {
      case '#' -> comment();
      case '%' -> expression(Kind.TAG_BEGIN, Kind.TAG_END, END_OF_TAG);
      default -> expression(Kind.PRINT_BEGIN, Kind.PRINT_END, END_OF_PRINT);
    }
  }

  private void comment() {
    Matcher end = source.find(END_OF_COMMENT);
    if (end == null) {
      throw new TemplateFailure("a comment has no '#}'");
    }
    source.moveTo(end.end());
  }

  private void expression(Kind begin, Kind end, Pattern closing) {
    add(begin, "");
    ExpressionLexer inner = new ExpressionLexer(source, tokens);
    while (!source.isAtEnd()) {
      Matcher close = inner.isBalanced() ? source.match(closing, source.position()) : null;
      if (close != null) {
        add(end, "");
        source.moveTo(close.end());
        return;
      }
      inner.next();
    }
  }

  private void add(Kind kind, String text) {
    tokens.add(new Token(kind, text, source.line()));
  }
}

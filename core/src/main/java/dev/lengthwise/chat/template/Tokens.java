package dev.lengthwise.chat.template;

import dev.lengthwise.chat.template.Token.Kind;
import java.util.List;

/// Tokens that are read one after the other, and how deep the parser is inside of expressions.
final class Tokens {

  private static final int DEPTH = 200;

  private final List<Token> tokens;
  private int position;
  private int depth;

  /// Tokens, the last of which is [Kind#END].
  Tokens(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token current() {
    return tokens.get(position);
  }

  Token following() {
    return tokens.get(Math.min(position + 1, tokens.size() - 1));
  }

  /// The current token, which is passed.
  Token next() {
    Token token = current();
    position = Math.min(position + 1, tokens.size() - 1);
    return token;
  }

  boolean skipName(String name) {
    boolean found = current().isName(name);
    if (found) {
      next();
    }
    return found;
  }

  boolean skipOperator(String sign) {
    boolean found = current().isOperator(sign);
    if (found) {
      next();
    }
    return found;
  }

  void expectOperator(String sign) {
    if (!skipOperator(sign)) {
      throw unexpected("'" + sign + "'");
    }
  }

  void expectName(String name) {
    if (!skipName(name)) {
      throw unexpected("'" + name + "'");
    }
  }

  Token expect(Kind kind, String inWords) {
    if (current().kind() != kind) {
      throw unexpected(inWords);
    }
    return next();
  }

  TemplateFailure unexpected(String expected) {
    return TemplateFailure.of("expected %s, found %s", expected, current().inWords());
  }

  /// Goes one level deeper; every call needs a [#leave()].
  void enter() {
    depth++;
    if (depth > DEPTH) {
      throw TemplateFailure.of("it is nested more than %d deep", DEPTH);
    }
  }

  void leave() {
    depth--;
  }
}

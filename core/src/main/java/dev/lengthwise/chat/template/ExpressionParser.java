package dev.lengthwise.chat.template;

import dev.lengthwise.chat.template.Token.Kind;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads expressions: one method for each level of precedence, the weakest first, as in jinja2.
final class ExpressionParser {

  private static final Map<String, Relation> RELATIONS =
      Map.of(
          "==", Relation.EQUAL,
          "!=", Relation.NOT_EQUAL,
          "<", Relation.LESS,
          "<=", Relation.AT_MOST,
          ">", Relation.GREATER,
          ">=", Relation.AT_LEAST);
  private static final Map<String, Operator> SUMS =
      Map.of("+", Operator.ADD, "-", Operator.SUBTRACT);
  private static final Map<String, Operator> PRODUCTS =
      Map.of(
          "*", Operator.MULTIPLY,
          "/", Operator.DIVIDE,
          "//", Operator.FLOOR_DIVIDE,
          "%", Operator.REMAINDER);

  /// What may stand after a test without parentheses and is no argument of it.
  private static final Set<String> AFTER_TEST = Set.of("else", "or", "and");

  private static final int LONGEST_NUMBER = 1000;

  private final Tokens tokens;
  private final Set<String> names = new HashSet<>();

  ExpressionParser(Tokens tokens) {
    this.tokens = tokens;
  }

  /// The names of all variables that were read so far; the caller may clear it.
  Set<String> names() {
    return names;
  }

  /// An expression, or several with commas between them, which are a tuple.
  ///
  /// @param conditional whether `a if b` may stand without parentheses
  Expression tuple(boolean conditional) {
    return tuple(conditional, false);
  }

  private Expression tuple(boolean conditional, boolean parenthesised) {
    List<Expression> elements = new ArrayList<>();
    boolean comma = false;
    while (!isTupleEnd(conditional)) {
      elements.add(conditional ? expression() : or());
      if (!tokens.skipOperator(",")) {
        break;
      }
      comma = true;
    }
    if (comma || (elements.isEmpty() && parenthesised)) {
      return new Expression.Tuple(elements);
    } else if (elements.isEmpty()) {
      throw tokens.unexpected("an expression");
    }
    return elements.getFirst();
  }

  // `recursive` ends the elements of a loop, which have no condition.
  private boolean isTupleEnd(boolean conditional) {
    Token token = tokens.current();
    return token.kind() == Kind.PRINT_END
        || token.kind() == Kind.TAG_END
        || token.isOperator(")")
        || (!conditional && token.isName("recursive"));
  }

  /// An expression.
  Expression expression() {
    tokens.enter();
    Expression value = or();
    while (tokens.skipName("if")) {
      Expression test = or();
      value =
          new Expression.Conditional(test, value, tokens.skipName("else") ? expression() : null);
    }
    tokens.leave();
    return value;
  }

  private Expression or() {
    Expression left = and();
    while (tokens.skipName("or")) {
      left = new Expression.Or(left, and());
    }
    return left;
  }

  private Expression and() {
    Expression left = not();
    while (tokens.skipName("and")) {
      left = new Expression.And(left, not());
    }
    return left;
  }

  private Expression not() {
    if (!tokens.skipName("not")) {
      return chain();
    }
    tokens.enter();
    Expression operand = not();
    tokens.leave();
    return new Expression.Not(operand);
  }

  private Expression chain() {
    Expression first = sum();
    List<Expression.Step> steps = new ArrayList<>();
    for (Relation relation = relation(); relation != null; relation = relation()) {
      steps.add(new Expression.Step(relation, sum()));
    }
    return steps.isEmpty() ? first : new Expression.Chain(first, steps);
  }

  private @Nullable Relation relation() {
    Token token = tokens.current();
    if (token.isName("not") && tokens.following().isName("in")) {
      tokens.next();
      tokens.next();
      return Relation.NOT_IN;
    } else if (tokens.skipName("in")) {
      return Relation.IN;
    }
    Relation relation = token.kind() == Kind.OPERATOR ? RELATIONS.get(token.text()) : null;
    if (relation != null) {
      tokens.next();
    }
    return relation;
  }

  private Expression sum() {
    Expression left = concatenation();
    for (Operator operator = operator(SUMS); operator != null; operator = operator(SUMS)) {
      left = new Expression.Binary(operator, left, concatenation());
    }
    return left;
  }

  private @Nullable Operator operator(Map<String, Operator> operators) {
    Token token = tokens.current();
    Operator operator = token.kind() == Kind.OPERATOR ? operators.get(token.text()) : null;
    if (operator != null) {
      tokens.next();
    }
    return operator;
  }

  private Expression concatenation() {
    Expression first = product();
    if (!tokens.current().isOperator("~")) {
      return first;
    }
    List<Expression> parts = new ArrayList<>(List.of(first));
    while (tokens.skipOperator("~")) {
      parts.add(product());
    }
    return new Expression.Concatenation(parts);
  }

  private Expression product() {
    Expression left = power();
    for (Operator operator = operator(PRODUCTS); operator != null; operator = operator(PRODUCTS)) {
      left = new Expression.Binary(operator, left, power());
    }
    return left;
  }

  // From left to right, unlike Python: `2 ** 3 ** 2` is 64.
  private Expression power() {
    Expression left = unary(true);
    while (tokens.skipOperator("**")) {
      left = new Expression.Binary(Operator.POWER, left, unary(true));
    }
    return left;
  }

  private Expression unary(boolean filtered) {
    tokens.enter();
    boolean negative = tokens.current().isOperator("-");
    Expression value = negative || tokens.current().isOperator("+") ? sign(negative) : primary();
    value = postfix(value);
    tokens.leave();
    return filtered ? filtersAndTests(value) : value;
  }

  private Expression sign(boolean negative) {
    tokens.next();
    return new Expression.Sign(negative, unary(false));
  }

  private Expression primary() {
    Token token = tokens.next();
    return switch (token.kind()) {
      case NAME -> name(token.text());
      case STRING -> new Expression.Constant(Text.own(strings(token.text())));
      case WHOLE -> new Expression.Constant(whole(token.text()));
      case REAL -> new Expression.Constant(new Value.Real(Double.parseDouble(token.text())));
      case OPERATOR ->
          switch (token.text()) {
            case "(" -> parenthesised();
            case "[" -> new Expression.Listing(listed("]"));
            case "{" -> dictionary();
            default -> throw notAnExpression(token);
          };
      case DATA, PRINT_BEGIN, PRINT_END, TAG_BEGIN, TAG_END, END -> throw notAnExpression(token);
    };
  }

  private static TemplateFailure notAnExpression(Token token) {
    return TemplateFailure.of("expected an expression, found %s", token.inWords());
  }

  private Expression name(String name) {
    return switch (name) {
      case "true", "True" -> new Expression.Constant(Value.TRUE);
      case "false", "False" -> new Expression.Constant(Value.FALSE);
      case "none", "None" -> new Expression.Constant(Value.None.NONE);
      default -> {
        names.add(name);
        yield new Expression.Name(name);
      }
    };
  }

  private String strings(String first) {
    StringBuilder text = new StringBuilder(first);
    while (tokens.current().kind() == Kind.STRING) {
      text.append(tokens.next().text());
    }
    return text.toString();
  }

  private static Value whole(String digits) {
    if (digits.length() > LONGEST_NUMBER) {
      throw TemplateFailure.of("a number has more than %d digits", LONGEST_NUMBER);
    }
    return new Value.Int(
        switch (digits.length() > 1 ? digits.charAt(1) : ' ') {
          case 'x' -> new BigInteger(digits.substring(2), 16);
          case 'o' -> new BigInteger(digits.substring(2), 8);
          case 'b' -> new BigInteger(digits.substring(2), 2);
          default -> new BigInteger(digits);
        });
  }

  private Expression parenthesised() {
    Expression inside = tuple(true, true);
    tokens.expectOperator(")");
    return inside;
  }

  private List<Expression> listed(String close) {
    List<Expression> elements = new ArrayList<>();
    while (!tokens.current().isOperator(close)) {
      elements.add(expression());
      if (!tokens.skipOperator(",")) {
        break;
      }
    }
    tokens.expectOperator(close);
    return elements;
  }

  private Expression dictionary() {
    List<Expression.Pair> pairs = new ArrayList<>();
    while (!tokens.current().isOperator("}")) {
      Expression key = expression();
      tokens.expectOperator(":");
      pairs.add(new Expression.Pair(key, expression()));
      if (!tokens.skipOperator(",")) {
        break;
      }
    }
    tokens.expectOperator("}");
    return new Expression.Dictionary(pairs);
  }

  private Expression postfix(Expression value) {
    while (true) {
      if (tokens.skipOperator(".")) {
        value = attribute(value);
      } else if (tokens.skipOperator("[")) {
        value = subscript(value);
      } else if (tokens.current().isOperator("(")) {
        value = new Expression.Call(value, arguments());
      } else {
        return value;
      }
    }
  }

  private Expression attribute(Expression target) {
    Token token = tokens.next();
    return switch (token.kind()) {
      case NAME -> new Expression.Attribute(target, token.text());
      case WHOLE -> new Expression.Element(target, new Expression.Constant(whole(token.text())));
      default ->
          throw TemplateFailure.of(
              "expected the name of an attribute after '.', found %s", token.inWords());
    };
  }

  private Expression subscript(Expression target) {
    Expression start = tokens.current().isOperator(":") ? null : expression();
    if (start != null && !tokens.current().isOperator(":")) {
      List<Expression> keys = new ArrayList<>(List.of(start));
      while (tokens.skipOperator(",")) {
        keys.add(expression());
      }
      tokens.expectOperator("]");
      return new Expression.Element(target, keys.size() == 1 ? start : new Expression.Tuple(keys));
    }
    tokens.expectOperator(":");
    Expression stop = bound();
    Expression step = tokens.skipOperator(":") ? bound() : null;
    tokens.expectOperator("]");
    return new Expression.Slice(target, start, stop, step);
  }

  private @Nullable Expression bound() {
    Token token = tokens.current();
    return token.isOperator(":") || token.isOperator("]") ? null : expression();
  }

  private Expression filtersAndTests(Expression value) {
    while (true) {
      if (tokens.skipOperator("|")) {
        value = filter(value);
      } else if (tokens.skipName("is")) {
        value = test(value);
      } else if (tokens.current().isOperator("(")) {
        value = new Expression.Call(value, arguments());
      } else {
        return value;
      }
    }
  }

  /// The filters that follow, if any: `|a|b(1)`.
  ///
  /// @param subject what is filtered; null for a block
  @Nullable Expression filters(@Nullable Expression subject) {
    Expression filtered = subject;
    while (tokens.skipOperator("|")) {
      filtered = filter(filtered);
    }
    return filtered;
  }

  /// One filter, without its bar.
  Expression filter(@Nullable Expression subject) {
    return new Expression.Filter(subject, dottedName("a filter"), optionalArguments());
  }

  private String dottedName(String what) {
    StringBuilder name = new StringBuilder(tokens.expect(Kind.NAME, "the name of " + what).text());
    while (tokens.skipOperator(".")) {
      name.append('.').append(tokens.expect(Kind.NAME, "the name of " + what).text());
    }
    return name.toString();
  }

  private Expression.Given optionalArguments() {
    return tokens.current().isOperator("(") ? arguments() : Expression.Given.NONE;
  }

  private Expression test(Expression subject) {
    boolean negated = tokens.skipName("not");
    String name = dottedName("a test");
    boolean parenthesised = tokens.current().isOperator("(");
    Expression.Given given = optionalArguments();
    if (!parenthesised && isArgument(tokens.current())) {
      given = new Expression.Given(List.of(postfix(primary())), List.of(), null, null);
    }
    Expression test = new Expression.Test(subject, name, given);
    return negated ? new Expression.Not(test) : test;
  }

  private static boolean isArgument(Token token) {
    if (token.isName("is")) {
      throw new TemplateFailure("tests cannot be chained with 'is'");
    }
    return switch (token.kind()) {
      case NAME -> !AFTER_TEST.contains(token.text());
      case STRING, WHOLE, REAL -> true;
      case OPERATOR -> token.text().equals("[") || token.text().equals("{");
      case DATA, PRINT_BEGIN, PRINT_END, TAG_BEGIN, TAG_END, END -> false;
    };
  }

  /// Arguments in parentheses.
  Expression.Given arguments() {
    tokens.expectOperator("(");
    List<Expression> positional = new ArrayList<>();
    List<Expression.Named> named = new ArrayList<>();
    Expression more = null;
    Expression moreNamed = null;
    while (!tokens.current().isOperator(")")) {
      boolean last = moreNamed != null;
      if (tokens.skipOperator("**")) {
        require(!last);
        moreNamed = expression();
      } else if (tokens.skipOperator("*")) {
        require(!last && more == null);
        more = expression();
      } else if (tokens.current().kind() == Kind.NAME && tokens.following().isOperator("=")) {
        require(!last);
        String name = tokens.next().text();
        tokens.next();
        named.add(new Expression.Named(name, expression()));
      } else {
        require(!last && more == null && named.isEmpty());
        positional.add(expression());
      }
      if (!tokens.skipOperator(",")) {
        break;
      }
    }
    tokens.expectOperator(")");
    return new Expression.Given(positional, named, more, moreNamed);
  }

  private static void require(boolean order) {
    if (!order) {
      throw new TemplateFailure(
          "arguments are in the wrong order; expected those without a name first");
    }
  }
}

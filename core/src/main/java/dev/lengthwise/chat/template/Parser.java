package dev.lengthwise.chat.template;

import dev.lengthwise.chat.template.Statement.Target;
import dev.lengthwise.chat.template.Token.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/// Reads statements: what the tags of a template say.
final class Parser {

  private static final Set<String> CONSTANTS =
      Set.of("true", "True", "false", "False", "none", "None");
  private static final Set<String> MACRO_NAMES = Set.of("varargs", "kwargs", "caller");

  private final Tokens tokens;
  private final ExpressionParser expressions;
  private int loops;

  /// A parser of tokens that end with [Kind#END].
  Parser(List<Token> tokens) {
    this.tokens = new Tokens(tokens);
    this.expressions = new ExpressionParser(this.tokens);
  }

  /// The line of the token that is read next.
  int line() {
    return tokens.current().line();
  }

  /// The whole template.
  ///
  /// @throws TemplateFailure for what is no template; [#line()] is its place
  List<Statement> template() {
    List<Statement> statements = body(Set.of());
    if (tokens.current().kind() != Kind.END) {
      throw tokens.unexpected("the end of the template");
    }
    return statements;
  }

  // Up to a tag that is one of `ends`, whose name is the current token then.
  private List<Statement> body(Set<String> ends) {
    tokens.enter();
    List<Statement> statements = new ArrayList<>();
    while (tokens.current().kind() != Kind.END) {
      Token token = tokens.next();
      switch (token.kind()) {
        case DATA -> statements.add(new Statement.Data(Text.own(token.text())));
        case PRINT_BEGIN -> {
          statements.add(new Statement.Print(token.line(), expressions.tuple(true)));
          tokens.expect(Kind.PRINT_END, "'}}'");
        }
        default -> {
          if (tokens.current().kind() == Kind.NAME && ends.contains(tokens.current().text())) {
            tokens.leave();
            return statements;
          }
          statements.add(tag());
        }
      }
    }
    if (!ends.isEmpty()) {
      throw TemplateFailure.of(
          "the template ends before '{%% %s %%}'",
          String.join("' or '", ends.stream().sorted().toList()));
    }
    tokens.leave();
    return statements;
  }

  // The body of a tag that ends at one of `ends`, the name of which is passed and given back.
  private record Enclosed(List<Statement> body, String end) {}

  private Enclosed enclosed(String... ends) {
    tokens.skipOperator(":");
    closeTag();
    List<Statement> body = body(Set.of(ends));
    return new Enclosed(body, tokens.next().text());
  }

  private List<Statement> enclosedUpTo(String end) {
    List<Statement> body = enclosed(end).body();
    closeTag();
    return body;
  }

  private void closeTag() {
    tokens.expect(Kind.TAG_END, "'%}'");
  }

  private Statement tag() {
    int line = line();
    String name = tokens.expect(Kind.NAME, "the name of a tag").text();
    return switch (name) {
      case "for" -> loop(line);
      case "if" -> condition(line);
      case "set" -> assignment(line);
      case "with" -> with(line);
      case "macro" -> macro(line);
      case "call" -> callBlock(line);
      case "filter" -> filterBlock(line);
      case "generation" -> new Statement.Scoped(line, apart(() -> enclosedUpTo("endgeneration")));
      case "block" -> block(line);
      case "autoescape" -> {
        expressions.expression();
        yield new Statement.Scoped(line, enclosedUpTo("endautoescape"));
      }
      case "break" -> jump(name, new Statement.Break());
      case "continue" -> jump(name, new Statement.Continue());
      case "extends", "include", "import", "from" ->
          throw TemplateFailure.of("'%s' needs another template, and there is only one", name);
      default -> throw TemplateFailure.of("there is no tag '%s' here", name);
    };
  }

  private Statement loop(int line) {
    Target target = target("in");
    tokens.expectName("in");
    Expression elements = expressions.tuple(false);
    Expression test = tokens.skipName("if") ? expressions.expression() : null;
    boolean recursive = tokens.skipName("recursive");
    loops++;
    Enclosed body = enclosed("endfor", "else");
    loops--;
    List<Statement> otherwise = List.of();
    if (body.end().equals("else")) {
      otherwise = enclosedUpTo("endfor");
    } else {
      closeTag();
    }
    return new Statement.For(line, target, elements, test, recursive, body.body(), otherwise);
  }

  private Statement condition(int line) {
    List<Statement.Branch> branches = new ArrayList<>();
    int at = line;
    while (true) {
      Expression test = expressions.tuple(false);
      Enclosed body = enclosed("elif", "else", "endif");
      branches.add(new Statement.Branch(at, test, body.body()));
      switch (body.end()) {
        case "elif" -> at = line();
        case "else" -> {
          return new Statement.If(branches, enclosedUpTo("endif"));
        }
        default -> {
          closeTag();
          return new Statement.If(branches, List.of());
        }
      }
    }
  }

  private Statement assignment(int line) {
    Target target = target("=");
    if (tokens.skipOperator("=")) {
      Expression value = expressions.tuple(true);
      closeTag();
      return new Statement.Set(line, target, value);
    }
    Expression filter = expressions.filters(null);
    return new Statement.SetBlock(line, target, filter, apart(() -> enclosedUpTo("endset")));
  }

  private Statement with(int line) {
    List<Statement.Binding> bindings = new ArrayList<>();
    while (tokens.current().kind() != Kind.TAG_END) {
      if (!bindings.isEmpty()) {
        tokens.expectOperator(",");
      }
      Target target = target("=");
      tokens.expectOperator("=");
      bindings.add(new Statement.Binding(target, expressions.expression()));
    }
    return new Statement.With(line, bindings, enclosedUpTo("endwith"));
  }

  private Statement macro(int line) {
    String name = tokens.expect(Kind.NAME, "the name of a macro").text();
    List<Statement.Parameter> parameters = parameters();
    return macroBody(
        name,
        parameters,
        "endmacro",
        (signature, body) -> new Statement.Macro(line, signature, body));
  }

  private Statement callBlock(int line) {
    List<Statement.Parameter> parameters =
        tokens.current().isOperator("(") ? parameters() : List.of();
    if (!(expressions.expression() instanceof Expression.Call call)) {
      throw new TemplateFailure("'call' needs the call of a macro");
    }
    return macroBody(
        "caller",
        parameters,
        "endcall",
        (signature, body) -> new Statement.CallBlock(line, signature, call, body));
  }

  @FunctionalInterface
  private interface MacroMaker {
    Statement make(Statement.Signature signature, List<Statement> body);
  }

  private Statement macroBody(
      String name, List<Statement.Parameter> parameters, String end, MacroMaker maker) {
    Set<String> before = new HashSet<>(expressions.names());
    expressions.names().clear();
    List<Statement> body = apart(() -> enclosedUpTo(end));
    Set<String> used = new HashSet<>(expressions.names());
    expressions.names().addAll(before);
    used.retainAll(MACRO_NAMES);
    return maker.make(new Statement.Signature(name, parameters, used), body);
  }

  private List<Statement.Parameter> parameters() {
    tokens.expectOperator("(");
    List<Statement.Parameter> parameters = new ArrayList<>();
    while (!tokens.current().isOperator(")")) {
      String name = variable(tokens.expect(Kind.NAME, "the name of a parameter")).name();
      if (tokens.skipOperator("=")) {
        parameters.add(new Statement.Parameter(name, expressions.expression()));
      } else if (!parameters.isEmpty() && parameters.getLast().otherwise() != null) {
        throw TemplateFailure.of("the parameter '%s' follows one with a default value", name);
      } else {
        parameters.add(new Statement.Parameter(name, null));
      }
      if (!tokens.skipOperator(",")) {
        break;
      }
    }
    tokens.expectOperator(")");
    return parameters;
  }

  private Statement filterBlock(int line) {
    Expression filter = expressions.filters(expressions.filter(null));
    if (filter == null) {
      throw tokens.unexpected("a filter");
    }
    return new Statement.FilterBlock(line, filter, apart(() -> enclosedUpTo("endfilter")));
  }

  private Statement block(int line) {
    String name = tokens.expect(Kind.NAME, "the name of a block").text();
    tokens.skipName("scoped");
    tokens.skipName("required");
    Enclosed body = enclosed("endblock");
    tokens.skipName(name);
    closeTag();
    return new Statement.Scoped(line, body.body());
  }

  // A body that loops around it cannot be left from.
  private List<Statement> apart(Supplier<List<Statement>> body) {
    int around = loops;
    loops = 0;
    List<Statement> statements = body.get();
    loops = around;
    return statements;
  }

  private Statement jump(String name, Statement jump) {
    if (loops == 0) {
      throw TemplateFailure.of("'%s' stands outside of a loop", name);
    }
    closeTag();
    return jump;
  }

  // One target, or several with commas between them; `end` is what follows.
  private Target target(String end) {
    List<Target> targets = new ArrayList<>();
    boolean comma = false;
    do {
      if (comma && (tokens.current().isName(end) || tokens.current().isOperator(end))) {
        break;
      }
      targets.add(singleTarget());
      comma |= tokens.current().isOperator(",");
    } while (tokens.skipOperator(","));
    return comma ? new Target.Unpacked(targets) : targets.getFirst();
  }

  private Target singleTarget() {
    if (tokens.skipOperator("(")) {
      tokens.enter();
      Target inside = target(")");
      tokens.expectOperator(")");
      tokens.leave();
      return inside;
    }
    Token name = tokens.expect(Kind.NAME, "the name of a variable");
    if (tokens.skipOperator(".")) {
      return new Target.Attribute(
          name.text(), tokens.expect(Kind.NAME, "the name of an attribute").text());
    }
    return variable(name);
  }

  private static Target.Variable variable(Token name) {
    if (CONSTANTS.contains(name.text())) {
      throw TemplateFailure.of("nothing can be assigned to '%s'", name.text());
    }
    return new Target.Variable(name.text());
  }
}

package dev.lengthwise.chat.template;

import dev.lengthwise.LengthwiseException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A chat template: the text of a conversation as a model expects it. Immutable.
///
/// Rendering is bounded: a template that would take more work than [Budget] allows fails with a
/// sentence. It reads nothing but its data and the clock.
public final class Template {

  /// The longest source, in chars.
  public static final int LONGEST = 1 << 20;

  private final String name;
  private final int length;
  private final List<Statement> statements;

  private Template(String name, int length, List<Statement> statements) {
    this.name = name;
    this.length = length;
    this.statements = statements;
  }

  /// Reads a template.
  ///
  /// @param name where it comes from, for messages
  /// @param source its text
  /// @throws LengthwiseException with the line of what is wrong
  public static Template parse(String name, String source) {
    if (source.length() > LONGEST) {
      throw new LengthwiseException(
          "The chat template %s has %d characters; expected at most %d."
              .formatted(name, source.length(), LONGEST));
    }
    Source lines = new Source(source);
    List<Token> tokens;
    try {
      tokens = Lexer.tokens(lines);
    } catch (TemplateFailure failure) {
      throw failed(name, lines.line(), failure);
    }
    Parser parser = new Parser(tokens);
    try {
      return new Template(name, source.length(), parser.template());
    } catch (TemplateFailure failure) {
      throw failed(name, parser.line(), failure);
    }
  }

  /// What the template makes of its data.
  ///
  /// @param clock what `strftime_now` tells the time of
  /// @throws LengthwiseException with the line of what is wrong
  public Rendering render(TemplateData data, Clock clock) {
    Budget budget = new Budget(length + data.characters());
    Interpreter interpreter = new Interpreter(new RenderContext(budget, clock));
    Map<String, Value> variables = new LinkedHashMap<>(Globals.all());
    variables.putAll(data.variables());
    try {
      return rendering(interpreter.render(statements, new Scope(variables).inner()));
    } catch (TemplateFailure failure) {
      throw failed(name, interpreter.line(), failure);
    } catch (StackOverflowError tooDeep) {
      // The budget counts levels, and a thread may have room for fewer.
      throw failed(
          name,
          interpreter.line(),
          new TemplateFailure("it is nested deeper than the stack of this thread allows"));
    }
  }

  private static Rendering rendering(Text text) {
    int[] runs = text.outside();
    List<Rendering.Run> outside = new ArrayList<>(runs.length / 2);
    for (int i = 0; i < runs.length; i += 2) {
      outside.add(new Rendering.Run(runs[i], runs[i + 1]));
    }
    return new Rendering(text.string(), outside);
  }

  private static LengthwiseException failed(String name, int line, TemplateFailure failure) {
    return new LengthwiseException(
        "The chat template %s fails in line %d: %s.".formatted(name, line, failure.getMessage()),
        failure);
  }
}

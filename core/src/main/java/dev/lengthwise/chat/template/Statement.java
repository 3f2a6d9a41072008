package dev.lengthwise.chat.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A statement of a template: text, or a tag with what it encloses.
sealed interface Statement {

  /// Text as it stands.
  record Data(Text text) implements Statement {}

  /// `{{ value }}`
  record Print(int line, Expression value) implements Statement {}

  /// `{% for target in elements if test recursive %} … {% else %} … {% endfor %}`
  record For(
      int line,
      Target target,
      Expression elements,
      @Nullable Expression test,
      boolean recursive,
      List<Statement> body,
      List<Statement> otherwise)
      implements Statement {}

  /// `{% if %} … {% elif %} … {% else %} … {% endif %}`
  record If(List<Branch> branches, List<Statement> otherwise) implements Statement {}

  /// A condition with what it guards.
  record Branch(int line, Expression test, List<Statement> body) {}

  /// `{% set target = value %}`
  record Set(int line, Target target, Expression value) implements Statement {}

  /// `{% set target | filter %} … {% endset %}`
  record SetBlock(int line, Target target, @Nullable Expression filter, List<Statement> body)
      implements Statement {}

  /// `{% with a = 1, b = 2 %} … {% endwith %}`
  record With(int line, List<Binding> bindings, List<Statement> body) implements Statement {}

  /// A name with the value that it gets.
  record Binding(Target target, Expression value) {}

  /// `{% macro name(parameters) %} … {% endmacro %}`
  record Macro(int line, Signature signature, List<Statement> body) implements Statement {}

  /// `{% call(parameters) call %} … {% endcall %}`
  record CallBlock(int line, Signature signature, Expression.Call call, List<Statement> body)
      implements Statement {}

  /// `{% filter name %} … {% endfilter %}`
  record FilterBlock(int line, Expression filter, List<Statement> body) implements Statement {}

  /// A tag whose body is rendered with names of its own and has no other effect: `generation`,
  /// `block`, `autoescape`.
  record Scoped(int line, List<Statement> body) implements Statement {}

  /// `{% break %}`
  record Break() implements Statement {}

  /// `{% continue %}`
  record Continue() implements Statement {}

  /// What a macro is called with.
  ///
  /// @param name the name of the macro
  /// @param parameters in order
  /// @param used which of `varargs`, `kwargs` and `caller` its body names
  record Signature(String name, List<Parameter> parameters, java.util.Set<String> used) {}

  /// A parameter of a macro.
  record Parameter(String name, @Nullable Expression otherwise) {}

  /// What can be assigned to.
  sealed interface Target {
    /// A variable.
    record Variable(String name) implements Target {}

    /// `namespace.attribute`
    record Attribute(String namespace, String attribute) implements Target {}

    /// Several targets, for the elements of one value.
    record Unpacked(List<Target> targets) implements Target {}
  }
}

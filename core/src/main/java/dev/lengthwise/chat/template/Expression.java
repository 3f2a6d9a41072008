package dev.lengthwise.chat.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// An expression of a template.
sealed interface Expression {

  /// A literal.
  record Constant(Value value) implements Expression {}

  /// A variable.
  record Name(String name) implements Expression {}

  /// A list literal.
  record Listing(List<Expression> elements) implements Expression {}

  /// A tuple, with or without parentheses.
  record Tuple(List<Expression> elements) implements Expression {}

  /// A dictionary literal.
  record Dictionary(List<Pair> pairs) implements Expression {}

  /// An entry of a dictionary literal.
  record Pair(Expression key, Expression value) {}

  /// `target.name`
  record Attribute(Expression target, String name) implements Expression {}

  /// `target[index]`
  record Element(Expression target, Expression index) implements Expression {}

  /// `target[start:stop:step]`
  record Slice(
      Expression target,
      @Nullable Expression start,
      @Nullable Expression stop,
      @Nullable Expression step)
      implements Expression {}

  /// `target(arguments)`
  record Call(Expression target, Given arguments) implements Expression {}

  /// `subject|name(arguments)`; without a subject, a block is filtered.
  record Filter(@Nullable Expression subject, String name, Given arguments) implements Expression {}

  /// `subject is name(arguments)`
  record Test(Expression subject, String name, Given arguments) implements Expression {}

  /// An operator of arithmetic.
  record Binary(Operator operator, Expression left, Expression right) implements Expression {}

  /// `-operand` or `+operand`
  record Sign(boolean negative, Expression operand) implements Expression {}

  /// `left and right`: the value that decides.
  record And(Expression left, Expression right) implements Expression {}

  /// `left or right`: the value that decides.
  record Or(Expression left, Expression right) implements Expression {}

  /// `not operand`
  record Not(Expression operand) implements Expression {}

  /// `a ~ b ~ c`: printed forms, joined.
  record Concatenation(List<Expression> parts) implements Expression {}

  /// `a < b <= c`: holds where every step holds.
  record Chain(Expression first, List<Step> steps) implements Expression {}

  /// A step of a chain of comparisons.
  record Step(Relation relation, Expression right) {}

  /// `value if test else otherwise`
  record Conditional(Expression test, Expression value, @Nullable Expression otherwise)
      implements Expression {}

  /// The arguments of a call as they are written.
  ///
  /// @param positional those without a name
  /// @param named those with one
  /// @param more `*more`
  /// @param moreNamed `**moreNamed`
  record Given(
      List<Expression> positional,
      List<Named> named,
      @Nullable Expression more,
      @Nullable Expression moreNamed) {

    /// No arguments.
    static final Given NONE = new Given(List.of(), List.of(), null, null);
  }

  /// An argument with a name.
  record Named(String name, Expression value) {}
}

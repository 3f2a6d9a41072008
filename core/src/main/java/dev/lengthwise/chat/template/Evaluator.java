package dev.lengthwise.chat.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Computes expressions.
final class Evaluator {

  private final RenderContext context;
  private final Budget budget;

  Evaluator(RenderContext context) {
    this.context = context;
    this.budget = context.budget();
  }

  /// The value of an expression.
  Value value(Expression expression, Scope scope) {
    budget.enter();
    Value value = computed(expression, scope);
    budget.leave();
    return value;
  }

  private Value computed(Expression expression, Scope scope) {
    return switch (expression) {
      case Expression.Constant constant -> constant.value();
      case Expression.Name name -> scope.get(name.name());
      case Expression.Listing list -> new Value.Listing(values(list.elements(), scope));
      case Expression.Tuple tuple -> new Value.Tuple(values(tuple.elements(), scope));
      case Expression.Dictionary dictionary -> dictionary(dictionary, scope);
      case Expression.Attribute attribute ->
          Attributes.attribute(value(attribute.target(), scope), attribute.name());
      case Expression.Element element ->
          Attributes.element(value(element.target(), scope), value(element.index(), scope), budget);
      case Expression.Slice slice -> slice(slice, scope);
      case Expression.Call call -> call(call, scope, Map.of());
      case Expression.Filter filter -> filter(filter, scope, Text.EMPTY);
      case Expression.Test test ->
          Value.of(
              Tests.holds(
                  test.name(),
                  value(test.subject(), scope),
                  arguments(test.arguments(), scope),
                  context));
      case Expression.Binary binary ->
          Arithmetic.apply(
              binary.operator(),
              value(binary.left(), scope),
              value(binary.right(), scope),
              context);
      case Expression.Sign sign -> Arithmetic.signed(value(sign.operand(), scope), sign.negative());
      case Expression.And and -> {
        Value left = value(and.left(), scope);
        yield Types.isTrue(left) ? value(and.right(), scope) : left;
      }
      case Expression.Or or -> {
        Value left = value(or.left(), scope);
        yield Types.isTrue(left) ? left : value(or.right(), scope);
      }
      case Expression.Not not -> Value.of(!Types.isTrue(value(not.operand(), scope)));
      case Expression.Concatenation concatenation -> concatenation(concatenation, scope);
      case Expression.Chain chain -> Value.of(holds(chain, scope));
      case Expression.Conditional conditional -> conditional(conditional, scope);
    };
  }

  private List<Value> values(List<Expression> expressions, Scope scope) {
    budget.values(expressions.size());
    List<Value> values = new ArrayList<>(expressions.size());
    for (Expression expression : expressions) {
      values.add(value(expression, scope));
    }
    return values;
  }

  private Value dictionary(Expression.Dictionary dictionary, Scope scope) {
    budget.values(3L * dictionary.pairs().size());
    List<Dict.Entry> entries = new ArrayList<>();
    for (Expression.Pair pair : dictionary.pairs()) {
      entries.add(new Dict.Entry(value(pair.key(), scope), value(pair.value(), scope)));
    }
    return Dict.of(entries);
  }

  private Value slice(Expression.Slice slice, Scope scope) {
    Value target = value(slice.target(), scope);
    return Slices.of(
        target,
        bound(slice.start(), scope),
        bound(slice.stop(), scope),
        bound(slice.step(), scope),
        budget);
  }

  private Value bound(@Nullable Expression bound, Scope scope) {
    return bound == null ? Value.None.NONE : value(bound, scope);
  }

  /// The result of a call.
  ///
  /// @param added arguments with names beside those that are written
  Value call(Expression.Call call, Scope scope, Map<String, Value> added) {
    Value callee = value(call.target(), scope);
    Arguments given = arguments(call.arguments(), scope);
    if (!added.isEmpty()) {
      Map<String, Value> named = new LinkedHashMap<>(given.named());
      named.putAll(added);
      given = new Arguments(given.positional(), named);
    }
    Comparison.requireDefined(callee);
    return switch (callee) {
      case Value.Function function -> function.body().call(given, context);
      case LoopState loop -> loop.call(given, context);
      default ->
          throw TemplateFailure.of("a value of type %s cannot be called", Types.name(callee));
    };
  }

  /// What a filter makes of its subject, or of `block` where it has none.
  Value filter(Expression.Filter filter, Scope scope, Text block) {
    budget.enter();
    Value subject =
        switch (filter.subject()) {
          case null -> block;
          case Expression.Filter inner -> filter(inner, scope, block);
          case Expression other -> value(other, scope);
        };
    Arguments arguments = arguments(filter.arguments(), scope);
    Value filtered = Filters.apply(filter.name(), subject, arguments, context);
    budget.leave();
    return filtered;
  }

  private Arguments arguments(Expression.Given given, Scope scope) {
    if (given.equals(Expression.Given.NONE)) {
      return Arguments.NONE;
    }
    List<Value> positional = values(given.positional(), scope);
    Map<String, Value> named = new LinkedHashMap<>();
    for (Expression.Named argument : given.named()) {
      if (named.put(argument.name(), value(argument.value(), scope)) != null) {
        throw TemplateFailure.of("the argument '%s' is given twice", argument.name());
      }
    }
    if (given.more() != null) {
      List<Value> more = Types.elements(value(given.more(), scope), budget);
      budget.values(more.size());
      positional.addAll(more);
    }
    if (given.moreNamed() != null) {
      addNamed(value(given.moreNamed(), scope), named);
    }
    return new Arguments(positional, named);
  }

  private void addNamed(Value more, Map<String, Value> named) {
    if (!(more instanceof Dict dict)) {
      throw TemplateFailure.of("'**' needs a dictionary, found type %s", Types.name(more));
    }
    budget.values(dict.size());
    for (Dict.Entry entry : dict.entries()) {
      if (!(entry.key() instanceof Text name)) {
        throw new TemplateFailure("'**' needs a dictionary with texts as keys");
      }
      named.put(name.string(), entry.value());
    }
  }

  private Value concatenation(Expression.Concatenation concatenation, Scope scope) {
    Text.Builder text = new Text.Builder(budget);
    for (Expression part : concatenation.parts()) {
      text.add(Repr.text(value(part, scope), budget));
    }
    return text.build();
  }

  private boolean holds(Expression.Chain chain, Scope scope) {
    Value left = value(chain.first(), scope);
    for (Expression.Step step : chain.steps()) {
      Value right = value(step.right(), scope);
      if (!step.relation().holds(left, right, budget)) {
        return false;
      }
      left = right;
    }
    return true;
  }

  private Value conditional(Expression.Conditional conditional, Scope scope) {
    if (Types.isTrue(value(conditional.test(), scope))) {
      return value(conditional.value(), scope);
    }
    Expression otherwise = conditional.otherwise();
    return otherwise == null
        ? new Value.Undefined("the condition of an 'if' without 'else' does not hold")
        : value(otherwise, scope);
  }
}

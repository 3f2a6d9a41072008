package dev.lengthwise.chat.template;

import java.math.BigInteger;
import java.util.Set;

/// The tests of jinja2, by name: what stands after `is`.
final class Tests {

  private static final Set<String> NAMES =
      Set.of(
          "boolean",
          "callable",
          "defined",
          "divisibleby",
          "eq",
          "equalto",
          "==",
          "escaped",
          "even",
          "false",
          "filter",
          "float",
          "ge",
          ">=",
          "gt",
          "greaterthan",
          ">",
          "in",
          "integer",
          "iterable",
          "le",
          "<=",
          "lower",
          "lt",
          "lessthan",
          "<",
          "mapping",
          "ne",
          "!=",
          "none",
          "number",
          "odd",
          "sameas",
          "sequence",
          "string",
          "test",
          "true",
          "undefined",
          "upper");

  private Tests() {}

  /// Whether a test holds.
  ///
  /// @throws TemplateFailure for a test that there is not
  static boolean holds(String name, Value subject, Arguments arguments, Runtime runtime) {
    runtime.budget().step();
    runtime.budget().reading(subject);
    return switch (name) {
      case "eq", "equalto", "==" -> related(Relation.EQUAL, name, subject, arguments, runtime);
      case "ne", "!=" -> related(Relation.NOT_EQUAL, name, subject, arguments, runtime);
      case "ge", ">=" -> related(Relation.AT_LEAST, name, subject, arguments, runtime);
      case "gt", "greaterthan", ">" -> related(Relation.GREATER, name, subject, arguments, runtime);
      case "le", "<=" -> related(Relation.AT_MOST, name, subject, arguments, runtime);
      case "lt", "lessthan", "<" -> related(Relation.LESS, name, subject, arguments, runtime);
      case "in" -> related(Relation.IN, name, subject, arguments, runtime);
      case "sameas" -> same(subject, arguments.bind(name, 1, "other").value(0));
      case "divisibleby" -> remainder(subject, arguments.bind(name, 1, "num").value(0)) == 0;
      case "filter" -> subject instanceof Text text && Filters.exists(text.string());
      case "test" -> subject instanceof Text text && NAMES.contains(text.string());
      default -> {
        arguments.bind(name, 0);
        yield simple(name, subject, runtime);
      }
    };
  }

  private static boolean related(
      Relation relation, String name, Value subject, Arguments arguments, Runtime runtime) {
    return relation.holds(subject, arguments.bind(name, 1, "other").value(0), runtime.budget());
  }

  private static boolean simple(String name, Value subject, Runtime runtime) {
    return switch (name) {
      case "defined" -> !(subject instanceof Value.Undefined);
      case "undefined" -> subject instanceof Value.Undefined;
      case "none" -> subject == Value.None.NONE;
      case "boolean" -> subject instanceof Value.Bool;
      case "true" -> subject instanceof Value.Bool bool && bool.value();
      case "false" -> subject instanceof Value.Bool bool && !bool.value();
      case "integer" -> subject instanceof Value.Int;
      case "float" -> subject instanceof Value.Real;
      case "number" -> Comparison.isNumber(subject);
      case "string" -> subject instanceof Text;
      case "mapping" -> subject instanceof Dict;
      case "iterable" -> Types.isIterable(subject);
      case "sequence" -> isSequence(subject);
      case "callable" ->
          subject instanceof Value.Function
              || subject instanceof LoopState
              || subject instanceof Value.Undefined;
      case "escaped" -> subject instanceof Text text && text.isSafe();
      case "even" -> remainder(subject, Value.Int.of(2)) == 0;
      case "odd" -> remainder(subject, Value.Int.of(2)) == 1;
      case "lower" -> TextCase.isLower(Filters.text(subject, runtime).string());
      case "upper" -> TextCase.isUpper(Filters.text(subject, runtime).string());
      default -> throw TemplateFailure.of("there is no test '%s'", name);
    };
  }

  // What has a length and elements by place or key.
  private static boolean isSequence(Value subject) {
    return subject instanceof Text
        || subject instanceof Value.Sequence
        || subject instanceof Dict
        || subject instanceof Value.Range
        || subject instanceof Value.Undefined;
  }

  private static double remainder(Value subject, Value divisor) {
    Comparison.requireDefined(subject);
    if (!Comparison.isNumber(subject) || !Comparison.isNumber(divisor)) {
      throw TemplateFailure.of("a remainder needs numbers, found type %s", Types.name(subject));
    } else if (Arithmetic.toDouble(divisor) == 0) {
      throw new TemplateFailure("a number is divided by zero");
    }
    if (subject instanceof Value.Real || divisor instanceof Value.Real) {
      double left = Arithmetic.toDouble(subject);
      double right = Arithmetic.toDouble(divisor);
      return left - right * Math.floor(left / right);
    }
    BigInteger by = Arithmetic.whole(divisor);
    return Arithmetic.whole(subject).mod(by.abs()).signum() == 0
        ? 0
        : Arithmetic.whole(subject).mod(by.abs()).doubleValue();
  }

  // Whether two values are one object in Python, as far as that can be known.
  private static boolean same(Value left, Value right) {
    return switch (left) {
      case Value.Bool bool -> bool.equals(right);
      case Value.Int number -> number.equals(right);
      case Text text -> text.equals(right);
      default -> left == right;
    };
  }
}

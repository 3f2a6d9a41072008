package dev.lengthwise.chat.template;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The operators `+ - * / // % **` as in Python.
final class Arithmetic {

  private Arithmetic() {}

  /// The result of an operator.
  ///
  /// @throws TemplateFailure for values that it is not made for
  static Value apply(Operator operator, Value left, Value right, RenderContext context) {
    Comparison.requireDefined(left);
    Comparison.requireDefined(right);
    if (Comparison.isNumber(left) && Comparison.isNumber(right)) {
      return left instanceof Value.Real || right instanceof Value.Real
          ? ofReals(operator, toDouble(left), toDouble(right))
          : ofWholes(operator, whole(left), whole(right));
    }
    Value result =
        switch (operator) {
          case ADD -> sum(left, right, context.budget());
          case MULTIPLY -> product(left, right, context.budget());
          case REMAINDER ->
              left instanceof Text format ? PercentFormat.apply(format, right, context) : null;
          case SUBTRACT, DIVIDE, FLOOR_DIVIDE, POWER -> null;
        };
    if (result == null) {
      throw TemplateFailure.of(
          "'%s' is not known between values of type %s and %s%s",
          operator.sign(), Types.name(left), Types.name(right), hint(operator, left, right));
    }
    return result;
  }

  private static @Nullable Value sum(Value left, Value right, Budget budget) {
    if (left instanceof Text text && right instanceof Text other) {
      return joined(text, other, budget);
    } else if (left instanceof Value.Listing list && right instanceof Value.Listing other) {
      return new Value.Listing(joined(list.elements(), other.elements(), budget));
    } else if (left instanceof Value.Tuple list && right instanceof Value.Tuple other) {
      return new Value.Tuple(joined(list.elements(), other.elements(), budget));
    }
    return null;
  }

  private static Text joined(Text left, Text right, Budget budget) {
    boolean safe = left.isSafe() || right.isSafe();
    Text.Builder joined = new Text.Builder(budget);
    joined.add(safe ? left.escaped(budget) : left);
    return joined.add(safe ? right.escaped(budget) : right).build().withSafety(safe);
  }

  private static @Nullable Value product(Value left, Value right, Budget budget) {
    if (isWhole(right) && isRepeatable(left)) {
      return repeated(left, whole(right), budget);
    }
    return isWhole(left) && isRepeatable(right) ? repeated(right, whole(left), budget) : null;
  }

  private static String hint(Operator operator, Value left, Value right) {
    return operator == Operator.ADD && (left instanceof Text || right instanceof Text)
        ? "; '~' joins values of any type"
        : "";
  }

  static boolean isWhole(Value value) {
    return value instanceof Value.Int || value instanceof Value.Bool;
  }

  /// The whole number that an int or a truth value is.
  static BigInteger whole(Value value) {
    return switch (value) {
      case Value.Int number -> number.value();
      case Value.Bool bool -> bool.value() ? BigInteger.ONE : BigInteger.ZERO;
      default ->
          throw TemplateFailure.of("expected a whole number, found type %s", Types.name(value));
    };
  }

  static double toDouble(Value value) {
    return value instanceof Value.Real real ? real.value() : whole(value).doubleValue();
  }

  private static boolean isRepeatable(Value value) {
    return value instanceof Text || value instanceof Value.Sequence;
  }

  private static List<Value> joined(List<Value> left, List<Value> right, Budget budget) {
    budget.values((long) left.size() + right.size());
    List<Value> joined = new ArrayList<>(left);
    joined.addAll(right);
    return Collections.unmodifiableList(joined);
  }

  private static Value repeated(Value value, BigInteger times, Budget budget) {
    int count =
        times.signum() <= 0 ? 0 : times.bitLength() > 31 ? Integer.MAX_VALUE : times.intValue();
    if (value instanceof Text text) {
      budget.text((long) count * text.string().length());
      Text.Builder builder = new Text.Builder(budget);
      for (int i = 0; i < count && !text.isEmpty(); i++) {
        builder.add(text);
      }
      return builder.build().withSafety(text.isSafe());
    }
    List<Value> elements = ((Value.Sequence) value).elements();
    budget.values((long) count * elements.size());
    List<Value> all = new ArrayList<>();
    for (int i = 0; i < count && !elements.isEmpty(); i++) {
      all.addAll(elements);
    }
    return value instanceof Value.Tuple ? new Value.Tuple(all) : new Value.Listing(all);
  }

  private static Value ofWholes(Operator operator, BigInteger left, BigInteger right) {
    return switch (operator) {
      case ADD -> new Value.Int(left.add(right));
      case SUBTRACT -> new Value.Int(left.subtract(right));
      case MULTIPLY -> new Value.Int(left.multiply(right));
      case DIVIDE -> new Value.Real(left.doubleValue() / nonZero(right).doubleValue());
      case FLOOR_DIVIDE -> new Value.Int(floorDivide(left, nonZero(right)));
      case REMAINDER ->
          new Value.Int(left.subtract(right.multiply(floorDivide(left, nonZero(right)))));
      case POWER -> power(left, right);
    };
  }

  private static BigInteger nonZero(BigInteger divisor) {
    if (divisor.signum() == 0) {
      throw new TemplateFailure("a number is divided by zero");
    }
    return divisor;
  }

  // Python rounds quotients down, Java towards zero.
  private static BigInteger floorDivide(BigInteger left, BigInteger right) {
    BigInteger[] parts = left.divideAndRemainder(right);
    boolean below = parts[1].signum() != 0 && parts[1].signum() != right.signum();
    return below ? parts[0].subtract(BigInteger.ONE) : parts[0];
  }

  private static Value power(BigInteger base, BigInteger exponent) {
    if (exponent.signum() < 0) {
      return ofReals(Operator.POWER, base.doubleValue(), exponent.doubleValue());
    }
    boolean grows = base.abs().compareTo(BigInteger.ONE) > 0;
    if (grows
        && (exponent.bitLength() > 31
            || (long) base.bitLength() * exponent.intValue() > 2L * Budget.NUMBER_BITS)) {
      throw TemplateFailure.of("a power has more than %d bits", Budget.NUMBER_BITS);
    }
    int evenOrOdd = exponent.signum() == 0 ? 0 : exponent.testBit(0) ? 1 : 2;
    return new Value.Int(base.pow(grows ? exponent.intValue() : evenOrOdd));
  }

  private static Value ofReals(Operator operator, double left, double right) {
    boolean divides =
        operator == Operator.DIVIDE
            || operator == Operator.FLOOR_DIVIDE
            || operator == Operator.REMAINDER;
    boolean inverts = left == 0 && right < 0 && operator == Operator.POWER;
    if ((right == 0 && divides) || inverts) {
      throw new TemplateFailure("a number is divided by zero");
    }
    return new Value.Real(
        switch (operator) {
          case ADD -> left + right;
          case SUBTRACT -> left - right;
          case MULTIPLY -> left * right;
          case DIVIDE -> left / right;
          case FLOOR_DIVIDE -> Math.rint((left - remainder(left, right)) / right);
          case REMAINDER -> remainder(left, right);
          case POWER -> Math.pow(left, right);
        });
  }

  // The remainder has the sign of the divisor.
  private static double remainder(double left, double right) {
    double remainder = left % right;
    return remainder != 0 && (remainder < 0) != (right < 0) ? remainder + right : remainder;
  }

  /// The number with its sign changed, or unchanged for `+`.
  static Value signed(Value value, boolean negative) {
    Comparison.requireDefined(value);
    return switch (value) {
      case Value.Real real -> negative ? new Value.Real(-real.value()) : real;
      case Value.Int number when !negative -> number;
      default -> {
        BigInteger number = whole(value);
        yield new Value.Int(negative ? number.negate() : number);
      }
    };
  }
}

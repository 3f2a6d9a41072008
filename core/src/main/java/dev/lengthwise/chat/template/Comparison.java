package dev.lengthwise.chat.template;

import java.math.BigDecimal;
import java.util.Iterator;
import java.util.List;

/// Equality, order and membership as in Python.
final class Comparison {

  private Comparison() {}

  /// Whether `==` holds; values of different kinds are unequal.
  static boolean equal(Value left, Value right, Budget budget) {
    budget.enter();
    try {
      if (isNumber(left) && isNumber(right)) {
        return equalNumbers(left, right);
      }
      return switch (left) {
        case Value.Undefined undefined -> right instanceof Value.Undefined;
        case Text text -> {
          budget.reading(text);
          yield text.equals(right);
        }
        case Value.Listing list ->
            right instanceof Value.Listing other
                && equalElements(list.elements(), other.elements(), budget);
        case Value.Tuple tuple ->
            right instanceof Value.Tuple other
                && equalElements(tuple.elements(), other.elements(), budget);
        case Dict dict -> right instanceof Dict other && equalEntries(dict, other, budget);
        case Value.Range range -> range.equals(right);
        default -> left == right;
      };
    } finally {
      budget.leave();
    }
  }

  private static boolean equalElements(List<Value> left, List<Value> right, Budget budget) {
    if (left.size() != right.size()) {
      return false;
    }
    Iterator<Value> others = right.iterator();
    return left.stream().allMatch(element -> equal(element, others.next(), budget));
  }

  private static boolean equalEntries(Dict left, Dict right, Budget budget) {
    return left.size() == right.size()
        && left.entries().stream()
            .allMatch(
                entry -> {
                  Value other = right.get(entry.key());
                  return other != null && equal(entry.value(), other, budget);
                });
  }

  /// Whether a value takes part in arithmetic: truth values do.
  static boolean isNumber(Value value) {
    return value instanceof Value.Int || value instanceof Value.Bool || value instanceof Value.Real;
  }

  private static boolean equalNumbers(Value left, Value right) {
    return !isNan(left) && !isNan(right) && compareNumbers(left, right) == 0;
  }

  private static boolean isNan(Value value) {
    return value instanceof Value.Real real && Double.isNaN(real.value());
  }

  private static int compareNumbers(Value left, Value right) {
    if (Arithmetic.isWhole(left) && Arithmetic.isWhole(right)) {
      return Arithmetic.whole(left).compareTo(Arithmetic.whole(right));
    }
    double first = Arithmetic.toDouble(left);
    double second = Arithmetic.toDouble(right);
    boolean exact = Double.isFinite(first) && Double.isFinite(second);
    return exact ? decimal(left).compareTo(decimal(right)) : Double.compare(first, second);
  }

  private static BigDecimal decimal(Value number) {
    return number instanceof Value.Real real
        ? new BigDecimal(real.value())
        : new BigDecimal(Arithmetic.whole(number));
  }

  /// Below zero, zero or above, as `left` comes before, with or after `right`.
  ///
  /// @param operator the sign for the message
  /// @throws TemplateFailure for values that have no order
  static int order(Value left, Value right, String operator, Budget budget) {
    budget.enter();
    try {
      if (isNumber(left) && isNumber(right)) {
        return compareNumbers(left, right);
      } else if (left instanceof Text text && right instanceof Text other) {
        budget.reading(text);
        return byCodePoint(text.string(), other.string());
      } else if (left instanceof Value.Sequence list
          && right instanceof Value.Sequence other
          && list.getClass() == other.getClass()) {
        return orderElements(list.elements(), other.elements(), operator, budget);
      }
      requireDefined(left);
      requireDefined(right);
      throw TemplateFailure.of(
          "'%s' is not known between values of type %s and %s",
          operator, Types.name(left), Types.name(right));
    } finally {
      budget.leave();
    }
  }

  private static int orderElements(
      List<Value> left, List<Value> right, String operator, Budget budget) {
    for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
      if (!equal(left.get(i), right.get(i), budget)) {
        return order(left.get(i), right.get(i), operator, budget);
      }
    }
    return Integer.compare(left.size(), right.size());
  }

  private static int byCodePoint(String left, String right) {
    int shorter = Math.min(left.length(), right.length());
    for (int i = 0; i < shorter; i++) {
      if (left.charAt(i) != right.charAt(i)) {
        return Integer.compare(
            left.codePointAt(start(left, i)), right.codePointAt(start(right, i)));
      }
    }
    return Integer.compare(left.length(), right.length());
  }

  // Where the character begins that the unit at `index` belongs to.
  private static int start(String text, int index) {
    boolean second =
        index > 0
            && Character.isLowSurrogate(text.charAt(index))
            && Character.isHighSurrogate(text.charAt(index - 1));
    return second ? index - 1 : index;
  }

  /// Whether `item in container` holds.
  static boolean contains(Value container, Value item, Budget budget) {
    budget.reading(container);
    budget.reading(item);
    return switch (container) {
      case Text text when item instanceof Text part -> text.string().contains(part.string());
      case Text text ->
          throw TemplateFailure.of(
              "'in' of a text needs a text on its left, found type %s", Types.name(item));
      case Dict dict -> dict.has(item);
      case Value.View view when view.part() == Value.View.Part.KEYS -> view.dict().has(item);
      default ->
          Types.elements(container, budget).stream()
              .anyMatch(element -> equal(element, item, budget));
    };
  }

  /// Fails for a value that is not there.
  static void requireDefined(Value value) {
    if (value instanceof Value.Undefined undefined) {
      throw new TemplateFailure(undefined.reason());
    }
  }
}

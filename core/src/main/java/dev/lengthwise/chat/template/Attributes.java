package dev.lengthwise.chat.template;

import java.math.BigInteger;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `value.name` and `value[key]`. What is not there is undefined, not a failure.
///
/// Attributes are methods and, of dictionaries, entries: a method comes first after a dot, an entry
/// first in brackets. Methods that change their value are out of reach.
final class Attributes {

  private static final Set<String> CHANGING =
      Set.of(
          "append",
          "clear",
          "extend",
          "insert",
          "pop",
          "popitem",
          "remove",
          "reverse",
          "setdefault",
          "sort",
          "update");

  private Attributes() {}

  /// `value.name`
  static Value attribute(Value value, String name) {
    Comparison.requireDefined(value);
    Value own = own(value, name);
    if (own != null) {
      return own;
    }
    Value entry = value instanceof Dict dict ? dict.get(Text.own(name)) : null;
    return entry == null ? missing(value, name) : entry;
  }

  /// `value[key]`
  static Value element(Value value, Value key, Budget budget) {
    Comparison.requireDefined(value);
    budget.reading(value);
    budget.reading(key);
    Value element = direct(value, key);
    if (element != null) {
      return element;
    }
    if (key instanceof Text name) {
      Value own = own(value, name.string());
      return own == null ? missing(value, name.string()) : own;
    }
    return new Value.Undefined(
        "a value of type %s has no element %s"
            .formatted(Types.name(value), Repr.repr(key, budget)));
  }

  private static Value.Undefined missing(Value value, String name) {
    return new Value.Undefined(
        "a value of type %s has no attribute '%s'".formatted(Types.name(value), name));
  }

  private static @Nullable Value direct(Value value, Value key) {
    return switch (value) {
      case Dict dict when isHashable(key) -> dict.get(key);
      case Text text when Arithmetic.isWhole(key) -> {
        int at = index(key, text.size());
        yield at < 0 ? null : text.cut(text.offset(at), text.offset(at + 1));
      }
      case Value.Sequence list when Arithmetic.isWhole(key) -> {
        List<Value> elements = list.elements();
        int at = index(key, elements.size());
        yield at < 0 ? null : elements.get(at);
      }
      case Value.Range range when Arithmetic.isWhole(key) -> {
        int at = index(key, range.count());
        yield at < 0 ? null : Value.Int.of(range.start() + at * range.step());
      }
      default -> null;
    };
  }

  private static boolean isHashable(Value key) {
    return !(key instanceof Value.Listing || key instanceof Dict || key instanceof Value.View);
  }

  // The place that an index means, counted from the end where it is negative; -1 for none.
  private static int index(Value key, int size) {
    BigInteger index = Arithmetic.whole(key);
    if (index.bitLength() > 31) {
      return -1;
    }
    long at = index.longValue() < 0 ? index.longValue() + size : index.longValue();
    return at < 0 || at >= size ? -1 : (int) at;
  }

  private static @Nullable Value own(Value value, String name) {
    if (name.startsWith("_")) {
      return unsafe(value, name);
    }
    return switch (value) {
      case Text text -> TextMethods.find(text, name);
      case Dict dict when CHANGING.contains(name) && !isOfLists(name) -> unsafe(value, name);
      case Dict dict -> DictMethods.find(dict, name);
      case Value.Listing list when CHANGING.contains(name) -> unsafe(value, name);
      case Value.Sequence list -> ListMethods.find(list, name);
      case Namespace namespace -> namespace.attributes().get(name);
      case LoopState loop -> loop.attribute(name);
      case Value.Real real when name.equals("is_integer") ->
          new Value.Function(
              name,
              (arguments, context) ->
                  Value.of(
                      Double.isFinite(real.value()) && real.value() == Math.rint(real.value())));
      default -> null;
    };
  }

  private static boolean isOfLists(String name) {
    return switch (name) {
      case "append", "extend", "insert", "remove", "reverse", "sort" -> true;
      default -> false;
    };
  }

  private static Value.Undefined unsafe(Value value, String name) {
    return new Value.Undefined(
        "the attribute '%s' of a value of type %s is out of reach"
            .formatted(name, Types.name(value)));
  }
}

package dev.lengthwise.chat.template;

import java.util.ArrayList;
import java.util.List;

/// What Python knows of every value: its type, its truth, its length and its elements.
final class Types {

  private Types() {}

  /// The name of the type in messages, as Python calls it.
  static String name(Value value) {
    return switch (value) {
      case Value.Undefined undefined -> "Undefined";
      case Value.None none -> "NoneType";
      case Value.Bool bool -> "bool";
      case Value.Int number -> "int";
      case Value.Real real -> "float";
      case Text text -> "str";
      case Value.Listing list -> "list";
      case Value.Tuple tuple -> "tuple";
      case Dict dict -> "dict";
      case Value.View view -> Repr.name(view);
      case Value.Range range -> "range";
      case GeneratorValue generator -> "generator";
      case Namespace namespace -> "Namespace";
      case Value.Function function -> "function";
      case LoopState loop -> "LoopContext";
    };
  }

  /// Whether the value counts as true in a condition.
  static boolean isTrue(Value value) {
    return switch (value) {
      case Value.Undefined undefined -> false;
      case Value.None none -> false;
      case Value.Bool bool -> bool.value();
      case Value.Int number -> number.value().signum() != 0;
      case Value.Real real -> real.value() != 0;
      case Text text -> !text.isEmpty();
      case Value.Sequence list -> !list.elements().isEmpty();
      case Dict dict -> dict.size() > 0;
      case Value.View view -> view.dict().size() > 0;
      case Value.Range range -> range.count() > 0;
      case GeneratorValue generator -> true;
      case Namespace namespace -> true;
      case Value.Function function -> true;
      case LoopState loop -> true;
    };
  }

  /// The number of characters or elements.
  ///
  /// @throws TemplateFailure for a value without one
  static int length(Value value) {
    return switch (value) {
      case Value.Undefined undefined -> 0;
      case Text text -> text.size();
      case Value.Sequence list -> list.elements().size();
      case Dict dict -> dict.size();
      case Value.View view -> view.dict().size();
      case Value.Range range -> range.count();
      case LoopState loop -> loop.length();
      case Value.None none -> throw noLength(none);
      case Value.Bool bool -> throw noLength(bool);
      case Value.Int number -> throw noLength(number);
      case Value.Real real -> throw noLength(real);
      case GeneratorValue generator -> throw noLength(generator);
      case Namespace namespace -> throw noLength(namespace);
      case Value.Function function -> throw noLength(function);
    };
  }

  private static TemplateFailure noLength(Value value) {
    return TemplateFailure.of("a value of type %s has no length", name(value));
  }

  /// Whether a loop can go through the value.
  static boolean isIterable(Value value) {
    return switch (value) {
      case Value.Undefined undefined -> true;
      case Text text -> true;
      case Value.Sequence list -> true;
      case Dict dict -> true;
      case Value.View view -> true;
      case Value.Range range -> true;
      case GeneratorValue generator -> true;
      case LoopState loop -> true;
      case Value.None none -> false;
      case Value.Bool bool -> false;
      case Value.Int number -> false;
      case Value.Real real -> false;
      case Namespace namespace -> false;
      case Value.Function function -> false;
    };
  }

  /// The elements in order: characters of a text, keys of a dictionary.
  ///
  /// @throws TemplateFailure for a value that has none
  static List<Value> elements(Value value, Budget budget) {
    return switch (value) {
      case Value.Undefined undefined -> List.of();
      case Text text -> characters(text, budget);
      case Value.Sequence list -> list.elements();
      case Dict dict -> part(dict, Value.View.Part.KEYS, budget);
      case Value.View view -> part(view.dict(), view.part(), budget);
      case Value.Range range -> numbers(range, budget);
      case GeneratorValue generator -> generator.take();
      case LoopState loop -> throw notIterable(loop);
      case Value.None none -> throw notIterable(none);
      case Value.Bool bool -> throw notIterable(bool);
      case Value.Int number -> throw notIterable(number);
      case Value.Real real -> throw notIterable(real);
      case Namespace namespace -> throw notIterable(namespace);
      case Value.Function function -> throw notIterable(function);
    };
  }

  private static TemplateFailure notIterable(Value value) {
    return TemplateFailure.of("a value of type %s has no elements to go through", name(value));
  }

  private static List<Value> characters(Text text, Budget budget) {
    // a text object for each character
    budget.values(3L * text.string().length());
    List<Value> characters = new ArrayList<>();
    int end;
    for (int at = 0; at < text.string().length(); at = end) {
      end = text.string().offsetByCodePoints(at, 1);
      characters.add(text.cut(at, end).withSafety(false));
    }
    return characters;
  }

  private static List<Value> part(Dict dict, Value.View.Part part, Budget budget) {
    budget.values(3L * dict.size());
    return dict.part(part);
  }

  private static List<Value> numbers(Value.Range range, Budget budget) {
    budget.values(3L * range.count());
    List<Value> numbers = new ArrayList<>(range.count());
    for (int i = 0; i < range.count(); i++) {
      numbers.add(Value.Int.of(range.start() + i * range.step()));
    }
    return numbers;
  }
}

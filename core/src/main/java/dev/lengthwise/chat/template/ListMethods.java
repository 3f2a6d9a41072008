package dev.lengthwise.chat.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The methods of lists and tuples that change nothing.
final class ListMethods {

  private ListMethods() {}

  /// The method of that name, if there is one.
  static Value.@Nullable Function find(Value.Sequence list, String name) {
    Value.Function.Body body =
        switch (name) {
          case "count" -> (arguments, runtime) -> count(list.elements(), arguments, runtime);
          case "index" -> (arguments, runtime) -> index(list.elements(), arguments, runtime);
          case "copy" -> list instanceof Value.Listing ? (arguments, runtime) -> list : null;
          default -> null;
        };
    return body == null ? null : new Value.Function(name, body);
  }

  private static Value count(List<Value> elements, Arguments arguments, Runtime runtime) {
    Value wanted = arguments.bind("count", 1, "value").value(0);
    return Value.Int.of(
        elements.stream()
            .filter(element -> Comparison.equal(element, wanted, runtime.budget()))
            .count());
  }

  private static Value index(List<Value> elements, Arguments arguments, Runtime runtime) {
    Arguments.Bound bound = arguments.bind("index", 1, "value", "start", "stop");
    Slices range = Slices.places(elements.size(), bound.value(1), bound.value(2), Value.None.NONE);
    for (int at = range.start(); at < range.start() + range.count(); at++) {
      if (Comparison.equal(elements.get(at), bound.value(0), runtime.budget())) {
        return Value.Int.of(at);
      }
    }
    throw new TemplateFailure("the value that 'index' looks for is not in the list");
  }
}

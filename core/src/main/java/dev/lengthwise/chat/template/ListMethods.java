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
          case "count" -> (arguments, context) -> count(list.elements(), arguments, context);
          case "index" -> (arguments, context) -> index(list.elements(), arguments, context);
          case "copy" -> list instanceof Value.Listing ? (arguments, context) -> list : null;
          default -> null;
        };
    return body == null ? null : new Value.Function(name, body);
  }

  private static Value count(List<Value> elements, Arguments arguments, RenderContext context) {
    Value wanted = arguments.bind("count", 1, "value").value(0);
    return Value.Int.of(
        elements.stream()
            .filter(element -> Comparison.equal(element, wanted, context.budget()))
            .count());
  }

  private static Value index(List<Value> elements, Arguments arguments, RenderContext context) {
    Arguments.Bound bound = arguments.bind("index", 1, "value", "start", "stop");
    Slices range = Slices.places(elements.size(), bound.value(1), bound.value(2), Value.None.NONE);
    for (int at = range.start(); at < range.start() + range.count(); at++) {
      if (Comparison.equal(elements.get(at), bound.value(0), context.budget())) {
        return Value.Int.of(at);
      }
    }
    throw new TemplateFailure("the value that 'index' looks for is not in the list");
  }
}

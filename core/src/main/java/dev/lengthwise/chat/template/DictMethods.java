package dev.lengthwise.chat.template;

import org.jspecify.annotations.Nullable;

/// The methods of dictionaries that change nothing.
final class DictMethods {

  private DictMethods() {}

  /// The method of that name, if there is one.
  static Value.@Nullable Function find(Dict dict, String name) {
    Value.Function.Body body =
        switch (name) {
          case "get" ->
              (arguments, runtime) -> {
                Arguments.Bound bound = arguments.bind("get", 1, "key", "default");
                Value value = dict.get(bound.value(0));
                return value == null ? bound.value(1) : value;
              };
          case "keys" -> view(dict, Value.View.Part.KEYS);
          case "values" -> view(dict, Value.View.Part.VALUES);
          case "items" -> view(dict, Value.View.Part.ITEMS);
          case "copy" -> (arguments, runtime) -> dict;
          default -> null;
        };
    return body == null ? null : new Value.Function(name, body);
  }

  private static Value.Function.Body view(Dict dict, Value.View.Part part) {
    return (arguments, runtime) -> {
      arguments.bind("a view of a dictionary", 0);
      return new Value.View(part, dict);
    };
  }
}

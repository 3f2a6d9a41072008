package dev.lengthwise.chat.template;

import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/// Finding one text in another. Places count characters as Python does.
final class TextSearch {

  private TextSearch() {}

  /// The result of `text.name(sub, start, end)`.
  static Value call(String name, Text text, Arguments arguments, Budget budget) {
    Arguments.Bound bound = arguments.bind(name, 1, "sub", "start", "end");
    int size = text.size();
    Slices range = Slices.places(size, bound.value(1), bound.value(2), Value.None.NONE);
    int from = text.offset(range.start());
    String part =
        text.string().substring(from, text.string().offsetByCodePoints(from, range.count()));
    boolean beyond = range.start() == size && bound.has(1) && bound.whole(1) > size;
    return switch (name) {
      case "startswith" -> Value.of(!beyond && any(bound, part::startsWith));
      case "endswith" -> Value.of(!beyond && any(bound, part::endsWith));
      case "count" -> Value.Int.of(beyond ? 0 : count(part, bound.text(0).string(), budget));
      case "find" -> place(part, part.indexOf(bound.text(0).string()), range, beyond, false);
      case "rfind" -> place(part, part.lastIndexOf(bound.text(0).string()), range, beyond, false);
      case "index" -> place(part, part.indexOf(bound.text(0).string()), range, beyond, true);
      default -> place(part, part.lastIndexOf(bound.text(0).string()), range, beyond, true);
    };
  }

  private static boolean any(Arguments.Bound bound, Predicate<String> test) {
    if (bound.value(0) instanceof Value.Tuple tuple) {
      return tuple.elements().stream()
          .map(
              element ->
                  new Arguments(List.of(element), Map.of())
                      .bind("'startswith' or 'endswith'", 1, "prefix")
                      .text(0)
                      .string())
          .anyMatch(test);
    }
    return test.test(bound.text(0).string());
  }

  private static Value place(String part, int at, Slices range, boolean beyond, boolean required) {
    boolean found = at >= 0 && !beyond;
    if (!found && required) {
      throw new TemplateFailure("the text that 'index' looks for is not in the other");
    }
    return Value.Int.of(found ? range.start() + part.codePointCount(0, at) : -1);
  }

  private static int count(String part, String wanted, Budget budget) {
    if (wanted.isEmpty()) {
      return part.codePointCount(0, part.length()) + 1;
    }
    int count = 0;
    for (int at = part.indexOf(wanted); at >= 0; at = part.indexOf(wanted, at + wanted.length())) {
      budget.step();
      count++;
    }
    return count;
  }
}

package dev.lengthwise.chat.template;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Python's `json.dumps`, which the filter `tojson` is in chat templates.
///
/// @param ascii whether characters beyond ASCII are escaped
/// @param indent what each level is indented by; null puts all on one line
/// @param item what stands between two elements
/// @param key what stands between a key and its value
/// @param sorted whether keys are sorted
record JsonText(boolean ascii, @Nullable Text indent, Text item, Text key, boolean sorted) {

  /// The value as JSON.
  ///
  /// @throws TemplateFailure for a value that JSON has not
  Text of(Value value, Budget budget) {
    Text.Builder out = new Text.Builder(budget);
    append(value, 0, out, budget);
    return out.build();
  }

  private void append(Value value, int level, Text.Builder out, Budget budget) {
    budget.enter();
    switch (value) {
      case Value.None none -> out.own("null");
      case Value.Bool bool -> out.own(bool.value() ? "true" : "false");
      case Value.Int number -> out.own(number.value().toString());
      case Value.Real real -> out.own(real(real.value()));
      case Text text -> quoted(text, out);
      case Value.Sequence list -> elements(list.elements(), level, out, budget);
      case Dict dict -> entries(dict, level, out, budget);
      case Value.Undefined undefined ->
          throw new TemplateFailure(undefined.reason() + ", and JSON has nothing for that");
      case Value.View view -> throw unknown(view);
      case Value.Range range -> throw unknown(range);
      case GeneratorValue generator -> throw unknown(generator);
      case Namespace namespace -> throw unknown(namespace);
      case Value.Function function -> throw unknown(function);
      case LoopState loop -> throw unknown(loop);
    }
    budget.leave();
  }

  private static TemplateFailure unknown(Value value) {
    return TemplateFailure.of("JSON has no values of type %s", Types.name(value));
  }

  private static String real(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    return Double.isInfinite(value) ? (value > 0 ? "Infinity" : "-Infinity") : Repr.real(value);
  }

  private void elements(List<Value> elements, int level, Text.Builder out, Budget budget) {
    out.own("[");
    boolean first = true;
    for (Value element : elements) {
      separate(first, level + 1, out);
      append(element, level + 1, out, budget);
      first = false;
    }
    close("]", first, level, out);
  }

  private void entries(Dict dict, int level, Text.Builder out, Budget budget) {
    out.own("{");
    boolean first = true;
    for (Dict.Entry entry : ordered(dict, budget)) {
      separate(first, level + 1, out);
      quoted(name(entry.key(), budget), out);
      out.add(key);
      append(entry.value(), level + 1, out, budget);
      first = false;
    }
    close("}", first, level, out);
  }

  private Collection<Dict.Entry> ordered(Dict dict, Budget budget) {
    Comparator<Dict.Entry> byKey =
        (left, right) -> Comparison.order(left.key(), right.key(), "<", budget);
    return sorted ? dict.entries().stream().sorted(byKey).toList() : dict.entries();
  }

  private static Text name(Value key, Budget budget) {
    return switch (key) {
      case Text text -> text;
      case Value.None none -> Text.own("null");
      case Value.Bool bool -> Text.own(bool.value() ? "true" : "false");
      case Value.Int number -> Repr.text(number, budget);
      case Value.Real real -> Text.own(real(real.value()));
      default -> throw TemplateFailure.of("a key of JSON cannot be of type %s", Types.name(key));
    };
  }

  private void separate(boolean first, int level, Text.Builder out) {
    if (!first) {
      out.add(item);
    }
    newLine(level, out);
  }

  private void close(String bracket, boolean empty, int level, Text.Builder out) {
    if (!empty) {
      newLine(level, out);
    }
    out.own(bracket);
  }

  private void newLine(int level, Text.Builder out) {
    if (indent != null) {
      out.own("\n");
      for (int i = 0; i < level; i++) {
        out.add(indent);
      }
    }
  }

  private void quoted(Text text, Text.Builder out) {
    String string = text.string();
    out.own("\"");
    for (int at = 0; at < string.length(); at++) {
      out.like(text, at, escaped(string.charAt(at)));
    }
    out.own("\"");
  }

  private String escaped(char unit) {
    return switch (unit) {
      case '"' -> "\\\"";
      case '\\' -> "\\\\";
      case '\n' -> "\\n";
      case '\r' -> "\\r";
      case '\t' -> "\\t";
      case '\b' -> "\\b";
      case '\f' -> "\\f";
      default ->
          unit < 0x20 || (ascii && unit > 0x7E)
              ? "\\u%04x".formatted((int) unit)
              : String.valueOf(unit);
    };
  }
}

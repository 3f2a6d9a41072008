package dev.lengthwise.chat.template;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The filters of jinja2, by name, with `tojson` as in chat templates.
///
/// Left out are those that need chance, pages or a terminal: `pprint`, `random`, `urlize`,
/// `wordwrap` and `xmlattr`.
final class Filters {

  /// What a filter does.
  @FunctionalInterface
  interface Filter {
    /// What it makes of a value.
    Value apply(Value subject, Arguments arguments, Runtime runtime);
  }

  private Filters() {}

  /// The result of a filter.
  ///
  /// @throws TemplateFailure for a filter that there is not
  static Value apply(String name, Value subject, Arguments arguments, Runtime runtime) {
    Filter filter = find(name);
    if (filter == null) {
      throw TemplateFailure.of("there is no filter '%s'", name);
    }
    runtime.budget().step();
    runtime.budget().reading(subject);
    return filter.apply(subject, arguments, runtime);
  }

  /// Whether there is a filter of that name.
  static boolean exists(String name) {
    return find(name) != null;
  }

  private static @Nullable Filter find(String name) {
    Filter general =
        switch (name) {
          case "default", "d" -> Filters::otherwise;
          case "tojson" -> Filters::json;
          case "string" -> (subject, arguments, runtime) -> text(subject, runtime);
          case "safe" -> (subject, arguments, runtime) -> text(subject, runtime).withSafety(true);
          case "length", "count" ->
              (subject, arguments, runtime) -> Value.Int.of(Types.length(subject));
          case "attr" ->
              (subject, arguments, runtime) ->
                  attribute(subject, arguments.bind(name, 1, "name").text(0).string());
          case "int" -> Filters::whole;
          case "float" -> Filters::real;
          default -> null;
        };
    if (general != null) {
      return general;
    }
    return Optional.ofNullable(TextFilters.find(name))
        .or(() -> Optional.ofNullable(NumberFilters.find(name)))
        .or(() -> Optional.ofNullable(ListFilters.find(name)))
        .orElse(null);
  }

  /// The value as a text: what is not there is an empty one.
  static Text text(Value value, Runtime runtime) {
    return Repr.text(value, runtime.budget());
  }

  private static Value otherwise(Value subject, Arguments arguments, Runtime runtime) {
    Arguments.Bound bound = arguments.bind("default", 0, "default_value", "boolean");
    boolean replaced =
        subject instanceof Value.Undefined || (bound.flag(1, false) && !Types.isTrue(subject));
    return replaced ? bound.value(0, Text.EMPTY) : subject;
  }

  // Entries of dictionaries are no attributes here.
  private static Value attribute(Value subject, String name) {
    return subject instanceof Dict
        ? Attributes.attribute(Dict.of(List.of()), name)
        : Attributes.attribute(subject, name);
  }

  private static Value json(Value subject, Arguments arguments, Runtime runtime) {
    Arguments.Bound bound =
        arguments.bind("tojson", 0, "ensure_ascii", "indent", "separators", "sort_keys");
    Budget budget = runtime.budget();
    Text indent = bound.has(1) ? indentation(bound, budget) : null;
    Text item = Text.own(indent == null ? ", " : ",");
    Text key = Text.own(": ");
    if (bound.has(2)) {
      List<Value> separators = Types.elements(bound.value(2), budget);
      if (separators.size() != 2
          || !(separators.getFirst() instanceof Text first)
          || !(separators.getLast() instanceof Text last)) {
        throw new TemplateFailure("'separators' of 'tojson' must be two texts");
      }
      item = first;
      key = last;
    }
    return new JsonText(bound.flag(0, false), indent, item, key, bound.flag(3, false))
        .of(subject, budget);
  }

  private static Text indentation(Arguments.Bound bound, Budget budget) {
    return bound.value(1) instanceof Text text
        ? text
        : TextPadding.padded(Text.EMPTY, Math.max(0, bound.whole(1)), 0, Text.own(" "), budget);
  }

  private static Value whole(Value subject, Arguments arguments, Runtime runtime) {
    Arguments.Bound bound = arguments.bind("int", 0, "default", "base");
    Comparison.requireDefined(subject);
    Value otherwise = bound.value(0, Value.Int.of(0));
    return switch (subject) {
      case Value.Int number -> number;
      case Value.Bool bool -> new Value.Int(Arithmetic.whole(bool));
      case Value.Real real ->
          Double.isFinite(real.value()) ? Conversions.truncated(real.value()) : otherwise;
      case Text text ->
          Conversions.whole(text.string(), bound.whole(1, 10))
              .or(
                  () ->
                      Conversions.real(text.string())
                          .filter(real -> Double.isFinite(real.value()))
                          .map(real -> Conversions.truncated(real.value())))
              .map(Value.class::cast)
              .orElse(otherwise);
      default -> otherwise;
    };
  }

  private static Value real(Value subject, Arguments arguments, Runtime runtime) {
    Comparison.requireDefined(subject);
    Value otherwise = arguments.bind("float", 0, "default").value(0, new Value.Real(0));
    return switch (subject) {
      case Text text -> Conversions.real(text.string()).map(Value.class::cast).orElse(otherwise);
      default ->
          Comparison.isNumber(subject) ? new Value.Real(Arithmetic.toDouble(subject)) : otherwise;
    };
  }
}

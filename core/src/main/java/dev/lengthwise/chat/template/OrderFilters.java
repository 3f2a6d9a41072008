package dev.lengthwise.chat.template;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Filters that put elements in order or compare them.
final class OrderFilters {

  private OrderFilters() {}

  /// The filter of that name, if it is one of these.
  static Filters.@Nullable Filter find(String name) {
    return switch (name) {
      case "sort" -> OrderFilters::sorted;
      case "dictsort" -> OrderFilters::sortedEntries;
      case "unique" ->
          (subject, arguments, context) ->
              new GeneratorValue(() -> unique(subject, arguments, context));
      case "groupby" -> OrderFilters::grouped;
      case "max", "min" ->
          (subject, arguments, context) ->
              extreme(
                  subject,
                  arguments.bind(name, 0, "case_sensitive", "attribute"),
                  name.equals("max"),
                  context);
      default -> null;
    };
  }

  private static Value sorted(Value subject, Arguments arguments, RenderContext context) {
    Arguments.Bound bound = arguments.bind("sort", 0, "reverse", "case_sensitive", "attribute");
    Budget budget = context.budget();
    boolean sensitive = bound.flag(1, false);
    List<ElementKey> keys = keys(bound.value(2));
    Comparator<Value> order =
        (left, right) -> {
          for (ElementKey key : keys) {
            Value one = caseless(key.of(left, budget), sensitive);
            Value other = caseless(key.of(right, budget), sensitive);
            // equal values, such as two that are not there, need no order
            if (!Comparison.equal(one, other, budget)) {
              return Comparison.order(one, other, "<", budget);
            }
          }
          return 0;
        };
    return new Value.Listing(
        sorted(Types.elements(subject, budget), order, bound.flag(0, false), budget));
  }

  // Several attributes with commas between them are looked at one after the other.
  private static List<ElementKey> keys(Value attribute) {
    if (!(attribute instanceof Text names)) {
      return List.of(ElementKey.of(attribute, Value.None.NONE));
    }
    List<ElementKey> keys = new ArrayList<>();
    for (String name : names.string().split(",", -1)) {
      keys.add(ElementKey.of(Text.own(name), Value.None.NONE));
    }
    return keys;
  }

  // Elements of equal rank stay in their order, reversed or not.
  private static List<Value> sorted(
      List<Value> elements, Comparator<Value> order, boolean reversed, Budget budget) {
    budget.values(elements.size());
    List<Value> sorted = new ArrayList<>(elements);
    sorted.sort(reversed ? order.reversed() : order);
    return sorted;
  }

  private static Value sortedEntries(Value subject, Arguments arguments, RenderContext context) {
    Arguments.Bound bound = arguments.bind("dictsort", 0, "case_sensitive", "by", "reverse");
    if (!(subject instanceof Dict dict)) {
      Comparison.requireDefined(subject);
      throw TemplateFailure.of("'dictsort' needs a dictionary, found type %s", Types.name(subject));
    }
    int place =
        switch (bound.text(1, "key").string()) {
          case "key" -> 0;
          case "value" -> 1;
          default -> throw new TemplateFailure("'dictsort' is by 'key' or 'value'");
        };
    Budget budget = context.budget();
    Comparator<Value> order =
        Comparator.comparing(
            pair -> ((Value.Tuple) pair).elements().get(place),
            order(bound.flag(0, false), budget));
    List<Value> pairs = Types.elements(new Value.View(Value.View.Part.ITEMS, dict), budget);
    return new Value.Listing(sorted(pairs, order, bound.flag(2, false), budget));
  }

  private static List<Value> unique(Value subject, Arguments arguments, RenderContext context) {
    Arguments.Bound bound = arguments.bind("unique", 0, "case_sensitive", "attribute");
    Budget budget = context.budget();
    ElementKey key = ElementKey.of(bound.value(1), Value.None.NONE);
    List<Value> elements = Types.elements(subject, budget);
    budget.values(3L * elements.size());
    Set<Object> seen = new HashSet<>();
    List<Value> unique = new ArrayList<>();
    for (Value element : elements) {
      Value rank = caseless(key.of(element, budget), bound.flag(0, false));
      if (seen.add(Dict.hashable(rank))) {
        unique.add(element);
      }
    }
    return unique;
  }

  private static Value grouped(Value subject, Arguments arguments, RenderContext context) {
    Arguments.Bound bound = arguments.bind("groupby", 1, "attribute", "default", "case_sensitive");
    Budget budget = context.budget();
    boolean sensitive = bound.flag(2, false);
    ElementKey key = ElementKey.of(bound.value(0), bound.value(1));
    Comparator<Value> order =
        Comparator.comparing(element -> key.of(element, budget), order(sensitive, budget));
    List<Value> groups = new ArrayList<>();
    List<Value> group = new ArrayList<>();
    for (Value element : sorted(Types.elements(subject, budget), order, false, budget)) {
      budget.values(4);
      if (!group.isEmpty() && order.compare(group.getLast(), element) != 0) {
        groups.add(group(key, group, budget));
        group = new ArrayList<>();
      }
      group.add(element);
    }
    if (!group.isEmpty()) {
      groups.add(group(key, group, budget));
    }
    return new Value.Listing(groups);
  }

  private static Value group(ElementKey key, List<Value> group, Budget budget) {
    return Value.Tuple.of(key.of(group.getFirst(), budget), new Value.Listing(group));
  }

  private static Value extreme(
      Value subject, Arguments.Bound bound, boolean greatest, RenderContext context) {
    Budget budget = context.budget();
    ElementKey key = ElementKey.of(bound.value(1), Value.None.NONE);
    Comparator<Value> order =
        Comparator.comparing(
            element -> key.of(element, budget), order(bound.flag(0, false), budget));
    Comparator<Value> wanted = greatest ? order : order.reversed();
    List<Value> elements = Types.elements(subject, budget);
    if (elements.isEmpty()) {
      return new Value.Undefined("there is no greatest or smallest element, the value is empty");
    }
    Value best = elements.getFirst();
    for (Value element : elements.subList(1, elements.size())) {
      best = wanted.compare(element, best) > 0 ? element : best;
    }
    return best;
  }

  // The order of values in filters: letter case plays no role unless it is asked for.
  private static Comparator<Value> order(boolean sensitive, Budget budget) {
    return (left, right) ->
        Comparison.order(caseless(left, sensitive), caseless(right, sensitive), "<", budget);
  }

  // A text in lower case, unless letter case counts.
  private static Value caseless(Value value, boolean sensitive) {
    return value instanceof Text text && !sensitive ? text.changed(TextCase::lower) : value;
  }
}

package dev.lengthwise.chat.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Filters that go through the elements of a value.
final class ListFilters {

  private ListFilters() {}

  /// The filter of that name, if it is one of these.
  static Filters.@Nullable Filter find(String name) {
    return switch (name) {
      case "list" ->
          (subject, arguments, context) ->
              new Value.Listing(List.copyOf(Types.elements(subject, context.budget())));
      case "items" ->
          (subject, arguments, context) -> new GeneratorValue(() -> items(subject, context));
      case "first" -> ListFilters::first;
      case "last" -> ListFilters::last;
      case "join" -> ListFilters::join;
      case "map" ->
          (subject, arguments, context) ->
              new GeneratorValue(() -> mapped(subject, arguments, context));
      case "select", "reject" ->
          (subject, arguments, context) ->
              new GeneratorValue(
                  () -> chosen(name, subject, arguments, false, name.equals("select"), context));
      case "selectattr", "rejectattr" ->
          (subject, arguments, context) ->
              new GeneratorValue(
                  () -> chosen(name, subject, arguments, true, name.equals("selectattr"), context));
      case "reverse" -> ListFilters::reversed;
      case "sum" -> ListFilters::sum;
      case "batch" ->
          (subject, arguments, context) ->
              new GeneratorValue(() -> batches(subject, arguments, context));
      case "slice" ->
          (subject, arguments, context) ->
              new GeneratorValue(() -> slices(subject, arguments, context));
      default -> OrderFilters.find(name);
    };
  }

  private static List<Value> items(Value subject, RenderContext context) {
    if (subject instanceof Value.Undefined) {
      return List.of();
    } else if (subject instanceof Dict dict) {
      Value.View items = new Value.View(Value.View.Part.ITEMS, dict);
      return Types.elements(items, context.budget());
    }
    throw TemplateFailure.of("'items' needs a dictionary, found type %s", Types.name(subject));
  }

  private static Value first(Value subject, Arguments arguments, RenderContext context) {
    List<Value> elements =
        subject instanceof GeneratorValue generator
            ? generator.takeOne()
            : Types.elements(subject, context.budget());
    return elements.isEmpty()
        ? new Value.Undefined("there is no first element, the value is empty")
        : elements.getFirst();
  }

  private static Value last(Value subject, Arguments arguments, RenderContext context) {
    Types.length(subject); // generators have no end to begin from
    List<Value> elements = Types.elements(subject, context.budget());
    return elements.isEmpty()
        ? new Value.Undefined("there is no last element, the value is empty")
        : elements.getLast();
  }

  private static Value join(Value subject, Arguments arguments, RenderContext context) {
    Arguments.Bound bound = arguments.bind("join", 0, "d", "attribute");
    Text separator = Filters.text(bound.value(0, Text.EMPTY), context);
    ElementKey key = ElementKey.of(bound.value(1), Value.None.NONE);
    Text.Builder joined = new Text.Builder(context.budget());
    boolean begun = false;
    for (Value element : Types.elements(subject, context.budget())) {
      joined.add(begun ? separator : Text.EMPTY);
      joined.add(Filters.text(key.of(element, context.budget()), context));
      begun = true;
    }
    return joined.build();
  }

  private static List<Value> mapped(Value subject, Arguments arguments, RenderContext context) {
    Budget budget = context.budget();
    List<Value> elements = orNone(subject, budget);
    budget.values(elements.size());
    List<Value> mapped = new ArrayList<>(elements.size());
    if (arguments.positional().isEmpty()) {
      Arguments.Bound bound = arguments.bind("map", 0, "attribute", "default");
      if (!bound.has(0)) {
        throw new TemplateFailure("'map' needs the name of a filter or 'attribute'");
      }
      ElementKey key = ElementKey.of(bound.value(0), bound.value(1));
      elements.forEach(element -> mapped.add(key.of(element, budget)));
    } else {
      String filter = name(arguments);
      Arguments rest = withoutFirst(arguments);
      elements.forEach(element -> mapped.add(Filters.apply(filter, element, rest, context)));
    }
    return mapped;
  }

  // As in jinja2, what is false has no elements, even if it is no list.
  private static List<Value> orNone(Value subject, Budget budget) {
    return Types.isTrue(subject) ? Types.elements(subject, budget) : List.of();
  }

  private static String name(Arguments arguments) {
    if (arguments.positional().getFirst() instanceof Text name) {
      return name.string();
    }
    throw new TemplateFailure("the name of a filter or a test must be a text");
  }

  private static Arguments withoutFirst(Arguments arguments) {
    List<Value> positional = arguments.positional();
    return new Arguments(positional.subList(1, positional.size()), arguments.named());
  }

  private static List<Value> chosen(
      String filter,
      Value subject,
      Arguments given,
      boolean ofAttribute,
      boolean wanted,
      RenderContext context) {
    Budget budget = context.budget();
    ElementKey key = ElementKey.of(Value.None.NONE, Value.None.NONE);
    Arguments arguments = given;
    if (ofAttribute) {
      if (given.positional().isEmpty()) {
        throw TemplateFailure.of("'%s' needs the name of an attribute", filter);
      }
      key = ElementKey.of(given.positional().getFirst(), Value.None.NONE);
      arguments = withoutFirst(given);
    }
    boolean tests = !arguments.positional().isEmpty();
    String test = tests ? name(arguments) : "";
    Arguments rest = tests ? withoutFirst(arguments) : arguments;
    List<Value> chosen = new ArrayList<>();
    List<Value> elements = orNone(subject, budget);
    budget.values(elements.size());
    for (Value element : elements) {
      Value tested = key.of(element, budget);
      boolean holds = tests ? Tests.holds(test, tested, rest, context) : Types.isTrue(tested);
      if (holds == wanted) {
        chosen.add(element);
      }
    }
    return chosen;
  }

  private static Value reversed(Value subject, Arguments arguments, RenderContext context) {
    Budget budget = context.budget();
    if (subject instanceof Text text) {
      return Slices.of(text, Value.None.NONE, Value.None.NONE, Value.Int.of(-1), budget);
    }
    List<Value> elements = Types.elements(subject, budget);
    budget.values(elements.size());
    List<Value> reversed = new ArrayList<>(elements);
    Collections.reverse(reversed);
    return new GeneratorValue(() -> reversed);
  }

  private static Value sum(Value subject, Arguments arguments, RenderContext context) {
    Arguments.Bound bound = arguments.bind("sum", 0, "attribute", "start");
    ElementKey key = ElementKey.of(bound.value(0), Value.None.NONE);
    Value sum = bound.value(1, Value.Int.of(0));
    for (Value element : Types.elements(subject, context.budget())) {
      Value summand = key.of(element, context.budget());
      sum = Arithmetic.apply(Operator.ADD, sum, summand, context);
    }
    return sum;
  }

  private static List<Value> batches(Value subject, Arguments arguments, RenderContext context) {
    Arguments.Bound bound = arguments.bind("batch", 1, "linecount", "fill_with");
    int size = Math.max(1, bound.whole(0));
    List<Value> elements = Types.elements(subject, context.budget());
    context.budget().values(3L * elements.size());
    List<Value> batches = new ArrayList<>();
    for (int at = 0; at < elements.size(); at += size) {
      int end = (int) Math.min((long) at + size, elements.size());
      List<Value> batch = new ArrayList<>(elements.subList(at, end));
      if (bound.has(1)) {
        context.budget().values(size);
        batch.addAll(Collections.nCopies(size - batch.size(), bound.value(1)));
      }
      batches.add(new Value.Listing(batch));
      if (size == Integer.MAX_VALUE) {
        break;
      }
    }
    return batches;
  }

  private static List<Value> slices(Value subject, Arguments arguments, RenderContext context) {
    Arguments.Bound bound = arguments.bind("slice", 1, "slices", "fill_with");
    int count = Math.max(1, bound.whole(0));
    List<Value> elements = Types.elements(subject, context.budget());
    context.budget().values(elements.size() + 3L * count);
    int size = elements.size() / count;
    int longer = elements.size() % count;
    List<Value> slices = new ArrayList<>();
    int at = 0;
    for (int i = 0; i < count; i++) {
      int end = at + size + (i < longer ? 1 : 0);
      List<Value> slice = new ArrayList<>(elements.subList(at, end));
      if (bound.has(1) && i >= longer && longer > 0) {
        slice.add(bound.value(1));
      }
      slices.add(new Value.Listing(slice));
      at = end;
    }
    return slices;
  }
}

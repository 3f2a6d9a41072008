package dev.lengthwise.chat.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/// The functions that every chat template has.
final class Globals {

  /// As in jinja2's sandbox.
  private static final int LONGEST_RANGE = 100_000;

  private Globals() {}

  /// The functions by name.
  static Map<String, Value> all() {
    Map<String, Value> globals = new LinkedHashMap<>();
    add(globals, "range", Globals::range);
    add(globals, "dict", Globals::dict);
    add(globals, "namespace", Globals::namespace);
    add(globals, "cycler", (arguments, context) -> cycler(arguments.positional()));
    add(globals, "joiner", (arguments, context) -> joiner(arguments));
    add(globals, "raise_exception", Globals::raise);
    add(
        globals,
        "strftime_now",
        (arguments, context) ->
            TimeFormat.format(arguments.bind("strftime_now", 1, "format").text(0), context));
    return globals;
  }

  private static void add(Map<String, Value> globals, String name, Value.Function.Body body) {
    globals.put(name, new Value.Function(name, body));
  }

  private static Value raise(Arguments arguments, RenderContext context) {
    Value message = arguments.bind("raise_exception", 1, "message").value(0);
    throw new TemplateFailure(
        "the template says: " + Repr.text(message, context.budget()).string());
  }

  private static Value range(Arguments arguments, RenderContext context) {
    Arguments.Bound bound = arguments.bind("range", 1, "start", "stop", "step");
    boolean single = arguments.positional().size() == 1;
    long start = single ? 0 : bound.whole(0);
    long stop = single ? bound.whole(0) : bound.whole(1);
    long step = bound.whole(2, 1);
    if (step == 0) {
      throw new TemplateFailure("the step of a range is zero");
    }
    long distance = step > 0 ? stop - start : start - stop;
    long count = distance <= 0 ? 0 : (distance - 1) / Math.abs(step) + 1;
    if (count > LONGEST_RANGE) {
      throw TemplateFailure.of("a range has %d numbers, more than %d", count, LONGEST_RANGE);
    }
    return new Value.Range(start, stop, step, (int) count);
  }

  // A dictionary or pairs, and named values.
  private static List<Dict.Entry> entries(String callee, Arguments arguments, Budget budget) {
    List<Dict.Entry> entries = new ArrayList<>();
    Value first =
        new Arguments(arguments.positional(), Map.of()).bind(callee, 0, "mapping").value(0);
    if (first instanceof Dict dict) {
      budget.values(3L * dict.size());
      entries.addAll(dict.entries());
    } else if (first != Value.None.NONE) {
      for (Value pair : Types.elements(first, budget)) {
        List<Value> parts = Types.elements(pair, budget);
        if (parts.size() != 2) {
          throw TemplateFailure.of("'%s' needs pairs of a key and a value", callee);
        }
        budget.values(3);
        entries.add(new Dict.Entry(parts.getFirst(), parts.getLast()));
      }
    }
    entries.addAll(Dict.ofNamed(arguments.named()).entries());
    return entries;
  }

  private static Value dict(Arguments arguments, RenderContext context) {
    return Dict.of(entries("dict", arguments, context.budget()));
  }

  private static Value namespace(Arguments arguments, RenderContext context) {
    Map<String, Value> attributes = new LinkedHashMap<>();
    for (Dict.Entry entry : entries("namespace", arguments, context.budget())) {
      if (!(entry.key() instanceof Text name)) {
        throw new TemplateFailure("attributes of a namespace have texts as names");
      }
      attributes.put(name.string(), entry.value());
    }
    return new Namespace(attributes);
  }

  private static Value cycler(List<Value> values) {
    if (values.isEmpty()) {
      throw new TemplateFailure("a cycler needs at least one value");
    }
    AtomicInteger at = new AtomicInteger();
    Namespace cycler = new Namespace(Map.of("current", values.getFirst()));
    add(
        cycler.attributes(),
        "next",
        (arguments, context) -> {
          Value now = values.get(at.get());
          at.set((at.get() + 1) % values.size());
          cycler.set("current", values.get(at.get()));
          return now;
        });
    add(
        cycler.attributes(),
        "reset",
        (arguments, context) -> {
          at.set(0);
          cycler.set("current", values.getFirst());
          return Value.None.NONE;
        });
    return cycler;
  }

  private static Value joiner(Arguments arguments) {
    Text separator = arguments.bind("joiner", 0, "sep").text(0, ", ");
    AtomicBoolean used = new AtomicBoolean();
    return new Value.Function(
        "joiner", (_, context) -> used.getAndSet(true) ? separator : Text.EMPTY);
  }
}

package dev.lengthwise.chat.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// `value[start:stop:step]`
///
/// @param start the first place
/// @param step what is added to go on; not 0
/// @param count how many places there are
record Slices(int start, int step, int count) {

  /// The part of a text, list or tuple.
  ///
  /// @throws TemplateFailure for a value without parts
  static Value of(Value value, Value start, Value stop, Value step, Budget budget) {
    Comparison.requireDefined(value);
    return switch (value) {
      case Text text -> cut(text, places(text.size(), start, stop, step), budget);
      case Value.Listing list -> new Value.Listing(part(list, start, stop, step, budget));
      case Value.Tuple tuple -> new Value.Tuple(part(tuple, start, stop, step, budget));
      case Value.Range range -> part(range, places(range.count(), start, stop, step));
      default -> throw TemplateFailure.of("a value of type %s cannot be sliced", Types.name(value));
    };
  }

  private static Text cut(Text text, Slices places, Budget budget) {
    if (places.count == 0) {
      return Text.EMPTY;
    }
    if (places.step == 1) {
      budget.text(places.count);
      int from = text.offset(places.start);
      return text.cut(from, text.string().offsetByCodePoints(from, places.count));
    }
    List<Value> characters = Types.elements(text, budget);
    Text.Builder cut = new Text.Builder(budget);
    for (int i = 0; i < places.count; i++) {
      cut.add((Text) characters.get(places.start + i * places.step));
    }
    return cut.build().withSafety(text.isSafe());
  }

  private static List<Value> part(
      Value.Sequence list, Value start, Value stop, Value step, Budget budget) {
    List<Value> elements = list.elements();
    Slices places = places(elements.size(), start, stop, step);
    budget.values(places.count);
    List<Value> part = new ArrayList<>(places.count);
    for (int i = 0; i < places.count; i++) {
      part.add(elements.get(places.start + i * places.step));
    }
    return part;
  }

  private static Value part(Value.Range range, Slices places) {
    long start = range.start() + places.start * range.step();
    long step = range.step() * places.step;
    return new Value.Range(start, start + places.count * step, step, places.count);
  }

  /// The places that a slice of `size` elements has.
  static Slices places(int size, Value start, Value stop, Value step) {
    int by = number(step, 1);
    if (by == 0) {
      throw new TemplateFailure("the step of a slice is zero");
    }
    int lowest = by > 0 ? 0 : -1;
    int highest = by > 0 ? size : size - 1;
    int from = clamped(number(start, by > 0 ? 0 : Integer.MAX_VALUE), size, lowest, highest);
    int to =
        stop == Value.None.NONE
            ? (by > 0 ? size : -1)
            : clamped(number(stop, 0), size, lowest, highest);
    long distance = by > 0 ? (long) to - from : (long) from - to;
    long stride = Math.abs((long) by);
    return new Slices(from, by, distance <= 0 ? 0 : (int) ((distance - 1) / stride + 1));
  }

  private static int clamped(int place, int size, int lowest, int highest) {
    long at = place < 0 ? (long) place + size : place;
    return Math.clamp(at, lowest, highest);
  }

  private static int number(Value value, int otherwise) {
    return new Arguments(List.of(value), Map.of()).bind("a slice", 0, "place").whole(0, otherwise);
  }
}

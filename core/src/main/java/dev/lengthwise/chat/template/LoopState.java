package dev.lengthwise.chat.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a loop knows of itself: the variable `loop`.
final class LoopState implements Value {

  private final List<Value> elements;
  private final int depth;
  private final Function.@Nullable Body again;
  private int index = -1;
  private @Nullable Value lastChanged;

  /// A loop before its first element.
  ///
  /// @param elements what it goes through
  /// @param depth how many recursive loops it is inside of
  /// @param again renders the loop with other elements; null unless it is recursive
  LoopState(List<Value> elements, int depth, Function.@Nullable Body again) {
    this.elements = elements;
    this.depth = depth;
    this.again = again;
  }

  /// Goes to the next element.
  Value next() {
    index++;
    return elements.get(index);
  }

  boolean hasNext() {
    return index + 1 < elements.size();
  }

  int index() {
    return index;
  }

  int length() {
    return elements.size();
  }

  /// Renders the loop again with other elements.
  Value call(Arguments arguments, RenderContext context) {
    if (again == null) {
      throw new TemplateFailure("a loop can be called only if it is marked 'recursive'");
    }
    return again.call(arguments, context);
  }

  /// An attribute of `loop`; undefined for an unknown name.
  Value attribute(String name) {
    int length = elements.size();
    return switch (name) {
      case "index" -> Int.of(index + 1);
      case "index0" -> Int.of(index);
      case "revindex" -> Int.of(length - index);
      case "revindex0" -> Int.of(length - index - 1);
      case "first" -> Value.of(index == 0);
      case "last" -> Value.of(index == length - 1);
      case "length" -> Int.of(length);
      case "depth" -> Int.of(depth + 1);
      case "depth0" -> Int.of(depth);
      case "previtem" ->
          index > 0 ? elements.get(index - 1) : new Undefined("the loop has no previous element");
      case "nextitem" ->
          hasNext() ? elements.get(index + 1) : new Undefined("the loop has no next element");
      case "cycle" -> new Function("cycle", this::cycle);
      case "changed" -> new Function("changed", this::changed);
      default -> new Undefined("a loop has no attribute '" + name + "'");
    };
  }

  private Value cycle(Arguments arguments, RenderContext context) {
    List<Value> values = arguments.positional();
    if (values.isEmpty()) {
      throw new TemplateFailure("loop.cycle needs at least one value");
    }
    return values.get(index % values.size());
  }

  private Value changed(Arguments arguments, RenderContext context) {
    Value now = new Tuple(arguments.positional());
    boolean same = lastChanged != null && Comparison.equal(lastChanged, now, context.budget());
    lastChanged = now;
    return Value.of(!same);
  }
}

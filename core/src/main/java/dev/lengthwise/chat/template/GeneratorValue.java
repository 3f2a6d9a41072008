package dev.lengthwise.chat.template;

import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What filters such as `map` and `select` give: elements that can be gone through once. It has no
/// length and is always true, empty or not, as in Python. Nothing is computed before it is asked
/// for, so a wrong filter fails only then.
final class GeneratorValue implements Value {

  private @Nullable Supplier<List<Value>> maker;
  private List<Value> left = List.of();

  GeneratorValue(Supplier<List<Value>> maker) {
    this.maker = maker;
  }

  /// The elements; none at the second call.
  List<Value> take() {
    List<Value> taken = made();
    left = List.of();
    return taken;
  }

  /// The first element left, which is taken; `List.of()` where there is none.
  List<Value> takeOne() {
    List<Value> elements = made();
    List<Value> one = elements.subList(0, Math.min(1, elements.size()));
    left = elements.subList(one.size(), elements.size());
    return one;
  }

  private List<Value> made() {
    if (maker != null) {
      left = maker.get();
      maker = null;
    }
    return left;
  }
}

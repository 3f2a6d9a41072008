package dev.lengthwise.chat.template;

import java.util.List;

/// What filters such as `map` and `select` give: elements that can be gone through once. It has no
/// length and is always true, empty or not, as in Python.
final class Generator implements Value {

  private List<Value> left;

  Generator(List<Value> elements) {
    this.left = elements;
  }

  /// The elements; none at the second call.
  List<Value> take() {
    List<Value> taken = left;
    left = List.of();
    return taken;
  }

  /// The first element left, which is taken; `List.of()` where there is none.
  List<Value> takeOne() {
    List<Value> one = left.subList(0, Math.min(1, left.size()));
    left = left.subList(one.size(), left.size());
    return one;
  }
}

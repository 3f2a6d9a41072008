package dev.lengthwise.chat.template;

import java.util.ArrayList;
import java.util.List;

/// What a filter looks at in each element: the element itself, or what an attribute such as
/// `function.name` or `0` leads to.
///
/// @param steps the names and numbers that lead there; empty for the element itself
/// @param otherwise what stands for what is not there; `None` where that stays undefined
record ElementKey(List<Value> steps, Value otherwise) {

  /// The key for an argument `attribute`: `None`, a number or a text with points.
  static ElementKey of(Value attribute, Value otherwise) {
    List<Value> steps = new ArrayList<>();
    if (attribute instanceof Text path) {
      for (String step : path.string().split("\\.", -1)) {
        steps.add(step.matches("\\d{1,9}") ? Value.Int.of(Integer.parseInt(step)) : Text.own(step));
      }
    } else if (attribute != Value.None.NONE) {
      steps.add(attribute);
    }
    return new ElementKey(steps, otherwise);
  }

  /// What it is of an element.
  Value of(Value element, Budget budget) {
    budget.step();
    Value value = element;
    for (Value step : steps) {
      value = Attributes.element(value, step, budget);
      if (value instanceof Value.Undefined && otherwise != Value.None.NONE) {
        value = otherwise;
      }
    }
    return value;
  }
}

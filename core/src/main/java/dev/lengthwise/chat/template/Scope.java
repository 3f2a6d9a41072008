package dev.lengthwise.chat.template;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The variables of a part of a template. Names that it has not are looked for in the scope around
/// it; what is set in it is gone after it.
final class Scope {

  private final @Nullable Scope around;
  private final Map<String, Value> variables;

  /// The outermost scope.
  Scope(Map<String, Value> variables) {
    this.around = null;
    this.variables = new HashMap<>(variables);
  }

  private Scope(Scope around) {
    this.around = around;
    this.variables = new HashMap<>();
  }

  /// A scope inside of this one.
  Scope inner() {
    return new Scope(this);
  }

  void set(String name, Value value) {
    variables.put(name, value);
  }

  /// The value of a variable, undefined where no scope has it.
  Value get(String name) {
    for (Scope scope = this; scope != null; scope = scope.around) {
      Value value = scope.variables.get(name);
      if (value != null) {
        return value;
      }
    }
    return new Value.Undefined("'" + name + "' is undefined");
  }
}

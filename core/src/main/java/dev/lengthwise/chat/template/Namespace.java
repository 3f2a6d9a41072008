package dev.lengthwise.chat.template;

import java.util.LinkedHashMap;
import java.util.Map;

/// A bag of attributes that a template can set from inside its loops.
final class Namespace implements Value {

  private final Map<String, Value> attributes;

  Namespace(Map<String, Value> attributes) {
    this.attributes = new LinkedHashMap<>(attributes);
  }

  /// The attributes by name.
  Map<String, Value> attributes() {
    return attributes;
  }

  void set(String name, Value value) {
    attributes.put(name, value);
  }
}

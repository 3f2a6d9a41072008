package dev.lengthwise.position;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// One method of a [MethodValue]: its name, and those of its parameters that are given. Whether a
/// name or a key exists is for the catalogue to say.
///
/// @param name the name in the catalogue
/// @param parameters values by key, in the order in which they were given
public record MethodTerm(String name, Map<String, ParameterValue> parameters) {

  /// Checks and copies the parameters.
  ///
  /// @throws IllegalArgumentException for a name or a key that no text or JSON block can hold
  public MethodTerm {
    MethodText.requirePlain("the name of a method", name, ":");
    if (name.isEmpty() || !Character.isLetter(name.charAt(0))) {
      throw new IllegalArgumentException(
          "the name of a method must begin with a letter, found '" + name + "'");
    }
    parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    for (String key : parameters.keySet()) {
      MethodText.requirePlain("the key of a parameter", key, "=");
      if (key.contains(",") || key.equals(MethodJson.METHOD) || key.equals(MethodJson.OVER)) {
        throw new IllegalArgumentException("no parameter of a method is called '" + key + "'");
      }
    }
  }

  /// A method without parameters: each has its default.
  public MethodTerm(String name) {
    this(name, Map.of());
  }

  /// This term with a parameter added or replaced.
  public MethodTerm with(String key, ParameterValue value) {
    Map<String, ParameterValue> more = new LinkedHashMap<>(parameters);
    more.put(key, value);
    return new MethodTerm(name, more);
  }

  /// This term with a number.
  public MethodTerm with(String key, double value) {
    return with(key, new ParameterValue.Decimal(value));
  }

  /// This term with a number of tokens or the like, exact up to 2⁵³.
  public MethodTerm with(String key, long value) {
    return with(key, (double) value);
  }

  /// This term with a truth value.
  public MethodTerm with(String key, boolean value) {
    return with(key, new ParameterValue.Flag(value));
  }

  /// This term with what a text stands for, as [ParameterValue#read] says.
  public MethodTerm with(String key, String text) {
    return with(key, ParameterValue.read(text));
  }

  /// This term with a list of numbers.
  public MethodTerm with(String key, List<Double> values) {
    return with(key, new ParameterValue.Decimals(values));
  }

  /// This term with a number where there is one.
  public MethodTerm withOptional(String key, OptionalDouble value) {
    return value.isPresent() ? with(key, value.getAsDouble()) : this;
  }

  /// Whether a parameter is given.
  public boolean has(String key) {
    return parameters.containsKey(key);
  }

  /// This term without one parameter.
  public MethodTerm without(String key) {
    Map<String, ParameterValue> fewer = new LinkedHashMap<>(parameters);
    fewer.remove(key);
    return new MethodTerm(name, fewer);
  }

  /// This term without its lists of numbers.
  MethodTerm withoutLists() {
    Map<String, ParameterValue> fewer = new LinkedHashMap<>(parameters);
    fewer.values().removeIf(ParameterValue.Decimals.class::isInstance);
    return new MethodTerm(name, fewer);
  }
}

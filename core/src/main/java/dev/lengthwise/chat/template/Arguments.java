package dev.lengthwise.chat.template;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The arguments of a call.
///
/// @param positional those without a name
/// @param named those with one
record Arguments(List<Value> positional, Map<String, Value> named) {

  /// No arguments.
  static final Arguments NONE = new Arguments(List.of(), Map.of());

  /// The arguments as the parameters of `callee`.
  ///
  /// @param required how many of the first parameters must be given
  /// @throws TemplateFailure for too many, too few or unknown ones
  Bound bind(String callee, int required, String... parameters) {
    if (positional.size() > parameters.length) {
      throw TemplateFailure.of(
          "%s takes at most %d arguments, found %d", callee, parameters.length, positional.size());
    }
    @Nullable Value[] values = new @Nullable Value[parameters.length];
    for (int i = 0; i < positional.size(); i++) {
      values[i] = positional.get(i);
    }
    named.forEach(
        (name, value) -> {
          int at = Arrays.asList(parameters).indexOf(name);
          if (at < 0 || values[at] != null) {
            throw TemplateFailure.of(
                at < 0 ? "%s has no parameter '%s'" : "%s is given '%s' twice", callee, name);
          }
          values[at] = value;
        });
    for (int i = 0; i < required; i++) {
      if (values[i] == null) {
        throw TemplateFailure.of("%s needs a value for '%s'", callee, parameters[i]);
      }
    }
    return new Bound(callee, parameters, values);
  }

  /// Arguments with their parameters.
  static final class Bound {

    private final String callee;
    private final String[] parameters;
    private final @Nullable Value[] values;

    private Bound(String callee, String[] parameters, @Nullable Value[] values) {
      this.callee = callee;
      this.parameters = parameters;
      this.values = values;
    }

    /// Whether parameter `i` was given something other than `None`.
    boolean has(int i) {
      return values[i] != null && values[i] != Value.None.NONE;
    }

    /// The value of parameter `i`, or `None`.
    Value value(int i) {
      Value value = values[i];
      return value == null ? Value.None.NONE : value;
    }

    /// The value of parameter `i`, or another one where it was not given.
    Value value(int i, Value otherwise) {
      Value value = values[i];
      return value == null ? otherwise : value;
    }

    /// A text.
    Text text(int i) {
      if (value(i) instanceof Text text) {
        return text;
      }
      throw wrong(i, "a text");
    }

    /// A text, or another one where it was not given or is `None`.
    Text text(int i, String otherwise) {
      return has(i) ? text(i) : Text.own(otherwise);
    }

    /// A whole number of 32 bits; greater ones become the greatest or smallest.
    int whole(int i) {
      if (!Arithmetic.isWhole(value(i))) {
        throw wrong(i, "a whole number");
      }
      BigInteger number = Arithmetic.whole(value(i));
      return number.bitLength() < 32
          ? number.intValue()
          : number.signum() < 0 ? Integer.MIN_VALUE : Integer.MAX_VALUE;
    }

    /// A whole number, or another one where it was not given or is `None`.
    int whole(int i, int otherwise) {
      return has(i) ? whole(i) : otherwise;
    }

    /// A truth value, of any type.
    boolean flag(int i, boolean otherwise) {
      return values[i] == null ? otherwise : Types.isTrue(value(i));
    }

    private TemplateFailure wrong(int i, String expected) {
      return TemplateFailure.of(
          "%s needs %s for '%s', found type %s",
          callee, expected, parameters[i], Types.name(value(i)));
    }
  }
}

package dev.lengthwise.position;

import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// A position method as a value: what a command line, a checkpoint and a protocol say of it.
///
/// [MethodText] and [MethodJson] write it and read it back as an equal value; a [MethodReader]
/// makes the method of it.
///
/// @param terms methods that set different parts of a plan; at least one
/// @param under what a checkpoint declares for all that the terms leave alone
public record MethodValue(List<MethodTerm> terms, Optional<MethodValue> under) {

  /// Checks and copies the terms.
  public MethodValue {
    terms = List.copyOf(terms);
    if (terms.isEmpty()) {
      throw new IllegalArgumentException("a method needs a name");
    }
  }

  /// Methods that set different parts.
  public static MethodValue of(MethodTerm... terms) {
    return new MethodValue(List.of(terms), Optional.empty());
  }

  /// This method and another, which sets other parts.
  public MethodValue joined(MethodValue other) {
    Optional<MethodValue> below =
        under.map(own -> other.under.map(own::joined).orElse(own)).or(() -> other.under);
    return new MethodValue(Stream.concat(terms.stream(), other.terms.stream()).toList(), below);
  }

  /// This method where it sets something, and `below` for all else.
  public MethodValue over(MethodValue below) {
    return new MethodValue(
        terms, Optional.of(under.map(between -> between.over(below)).orElse(below)));
  }

  /// This method with every term changed, those below included.
  public MethodValue map(UnaryOperator<MethodTerm> change) {
    return new MethodValue(
        terms.stream().map(change).toList(), under.map(below -> below.map(change)));
  }

  /// This method without lists of numbers, which are as long as a head.
  public MethodValue withoutLists() {
    return map(MethodTerm::withoutLists);
  }

  /// The text that reads back as this value.
  public String text() {
    return MethodText.write(this);
  }
}

package dev.lengthwise.chat.template;

import java.math.BigInteger;
import java.util.List;

/// A value of a template: what Python would hold at the same place.
///
/// No value can be changed, except [Namespace], what a [GeneratorValue] has left, and the state of
/// a loop.
sealed interface Value
    permits Value.Undefined,
        Value.None,
        Value.Bool,
        Value.Int,
        Value.Real,
        Text,
        Value.Sequence,
        Dict,
        Value.View,
        Value.Range,
        GeneratorValue,
        Namespace,
        Value.Function,
        LoopState {

  /// Python's `True`.
  Bool TRUE = new Bool(true);

  /// Python's `False`.
  Bool FALSE = new Bool(false);

  /// A name, attribute or element that is not there. It may be printed (as nothing), tested and
  /// iterated; anything else fails with `reason`.
  record Undefined(String reason) implements Value {}

  /// Python's `None`.
  enum None implements Value {
    /// The only one.
    NONE
  }

  /// A truth value; in arithmetic it is 0 or 1.
  record Bool(boolean value) implements Value {}

  /// A whole number of any size up to [Budget#NUMBER_BITS] bits.
  record Int(BigInteger value) implements Value {
    public Int {
      if (value.bitLength() > Budget.NUMBER_BITS) {
        throw TemplateFailure.of("a whole number has more than %d bits", Budget.NUMBER_BITS);
      }
    }

    static Int of(long value) {
      return new Int(BigInteger.valueOf(value));
    }
  }

  /// A floating-point number.
  record Real(double value) implements Value {}

  /// A list or a tuple.
  sealed interface Sequence extends Value {
    /// The elements; never changed.
    List<Value> elements();
  }

  /// A list.
  record Listing(List<Value> elements) implements Sequence {}

  /// A tuple.
  record Tuple(List<Value> elements) implements Sequence {
    static Tuple of(Value... elements) {
      return new Tuple(List.of(elements));
    }
  }

  /// What `keys()`, `values()` and `items()` of a dictionary give.
  record View(Part part, Dict dict) implements Value {
    /// Which part of each entry is seen.
    enum Part {
      KEYS,
      VALUES,
      ITEMS
    }
  }

  /// A range of whole numbers, from `start` by `step`, before `stop`.
  ///
  /// @param count how many there are, at most 100,000
  record Range(long start, long stop, long step, int count) implements Value {}

  /// Something that can be called: a macro, a global function or a method of a value.
  record Function(String name, Body body) implements Value {
    /// What is done.
    @FunctionalInterface
    interface Body {
      /// Calls it.
      Value call(Arguments arguments, RenderContext context);
    }
  }

  /// The truth value for a Java one.
  static Bool of(boolean value) {
    return value ? TRUE : FALSE;
  }
}

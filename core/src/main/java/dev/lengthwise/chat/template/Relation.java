package dev.lengthwise.chat.template;

/// A comparison.
enum Relation {
  EQUAL("=="),
  NOT_EQUAL("!="),
  LESS("<"),
  AT_MOST("<="),
  GREATER(">"),
  AT_LEAST(">="),
  IN("in"),
  NOT_IN("not in");

  private final String sign;

  Relation(String sign) {
    this.sign = sign;
  }

  /// Whether it holds between two values.
  boolean holds(Value left, Value right, Budget budget) {
    return switch (this) {
      case EQUAL -> Comparison.equal(left, right, budget);
      case NOT_EQUAL -> !Comparison.equal(left, right, budget);
      case LESS -> order(left, right, budget) < 0;
      case AT_MOST -> order(left, right, budget) <= 0;
      case GREATER -> order(left, right, budget) > 0;
      case AT_LEAST -> order(left, right, budget) >= 0;
      case IN -> Comparison.contains(right, left, budget);
      case NOT_IN -> !Comparison.contains(right, left, budget);
    };
  }

  private int order(Value left, Value right, Budget budget) {
    return Comparison.order(left, right, sign, budget);
  }
}

package dev.lengthwise.method;

import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.Branch;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PositionMethod;
import java.util.OptionalDouble;

/// Reads relative positions off a method's plan.
final class Positions {

  static final ModelShape SHAPE = new ModelShape(1, 8, 8, 128, 128, 10000, 512);

  private Positions() {}

  static AttentionPlan plan(PositionMethod method) {
    return plan(method, SHAPE.trainedLength());
  }

  static AttentionPlan plan(PositionMethod method, long currentLength) {
    return method.parts(SHAPE, 0, currentLength).toPlan();
  }

  /// `φ(i) − ψ(j)` of a pair, or nothing where the key is not seen.
  static OptionalDouble relative(PositionMethod method, long query, long key) {
    for (Branch branch : plan(method).branches()) {
      if (branch.region().contains(query, key)) {
        return OptionalDouble.of(branch.relativePosition(query, key));
      }
    }
    return OptionalDouble.empty();
  }

  /// The relative positions of all keys of a query that sees every key.
  static double[] row(PositionMethod method, int query) {
    double[] row = new double[query + 1];
    for (int key = 0; key <= query; key++) {
      row[key] = relative(method, query, key).orElseThrow();
    }
    return row;
  }

  /// How many keys a query sees.
  static long seen(PositionMethod method, long query) {
    return plan(method).branches().stream()
        .mapToLong(
            branch -> branch.region().keys(query).until() - branch.region().keys(query).from())
        .sum();
  }
}

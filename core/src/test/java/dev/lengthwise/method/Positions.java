package dev.lengthwise.method;

import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.Branch;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PositionMethod;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/// Published methods, and relative positions read off their plans.
public final class Positions {

  static final ModelShape SHAPE = new ModelShape(1, 8, 8, 128, 128, 10000, 512);

  private Positions() {}

  /// LM-Infinite as published: the first keys stand where the last ones end.
  public static LmInfinite lmInfinite(long local, long global) {
    return new LmInfinite(local, global, OptionalLong.of(local), Optional.empty());
  }

  /// YaRN with the constants and the temperature that the catalogue takes from the paper.
  public static Yarn yarn(double factor, long original) {
    return (Yarn)
        new MethodParser(SHAPE, new Rope())
            .parse("yarn:factor=%s,original=%d".formatted(factor, original));
  }

  /// Its rule for frequencies.
  static ByParts byParts(long original) {
    return yarn(1, original).rule();
  }

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

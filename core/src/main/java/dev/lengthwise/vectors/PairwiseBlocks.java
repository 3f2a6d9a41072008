package dev.lengthwise.vectors;

import dev.lengthwise.matrix.FloatRows;
import dev.lengthwise.matrix.MatrixProducts;
import dev.lengthwise.matrix.WeightMatrix;
import dev.lengthwise.matrix.WeightType;
import dev.lengthwise.parallel.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// All pairs of a table, block by block: the squared distances of some queries and some vectors are
/// one product of matrices.
///
/// @param table the vectors
/// @param workers share out products and queries; each query is the work of one thread
/// @param blocks how much is computed at once
record PairwiseBlocks(VectorTable table, Workers workers, NearestNeighbours.Blocks blocks) {

  // With fewer right sides, the kernels take sums in another order.
  private static final int FEWEST_QUERIES = 32;

  /// Sees one pair.
  @FunctionalInterface
  interface Visit<S> {
    /// Takes the pair into account.
    ///
    /// @param squared `d²` as single precision has it
    void pair(S state, int query, int other, double squared);
  }

  /// Sees a query after all its pairs.
  @FunctionalInterface
  interface Finish<S> {
    void query(S state, int query);
  }

  /// Visits all pairs, each query's in the order of the others.
  ///
  /// @param start makes what is kept of a query
  <S> void run(Supplier<S> start, Visit<S> visit, Finish<S> finish) {
    double[] mean = table.mean();
    double[] squares = squares(mean);
    MatrixProducts products = new MatrixProducts(workers, false);
    for (int from = 0; from < table.count(); from += blocks.queries()) {
      int queries = Math.min(blocks.queries(), table.count() - from);
      List<S> states = new ArrayList<>();
      for (int n = 0; n < queries; n++) {
        states.add(start.get());
      }
      try (Arena arena = Arena.ofShared()) {
        int padded = Math.max(queries, FEWEST_QUERIES);
        FloatRows left = table.centred(arena, mean, from, queries, padded);
        for (int first = 0; first < table.count(); first += blocks.others()) {
          int others = Math.min(blocks.others(), table.count() - first);
          try (Arena block = Arena.ofShared()) {
            FloatRows right = table.centred(block, mean, first, others, others);
            FloatRows dots = FloatRows.allocate(block, padded, others);
            products.multiply(
                new WeightMatrix(WeightType.F32, others, table.size(), right.memory()), left, dots);
            visit(new Block(dots, from, first, queries, others), squares, states, visit);
          }
        }
      }
      int base = from;
      workers.run(queries, () -> this, (n, _) -> finish.query(states.get(n), base + n));
    }
  }

  private record Block(FloatRows dots, int from, int first, int queries, int others) {

    double dot(int query, int other) {
      return dots.memory().getAtIndex(ValueLayout.JAVA_FLOAT, (long) query * others + other);
    }
  }

  private <S> void visit(Block block, double[] squares, List<S> states, Visit<S> visit) {
    workers.run(
        block.queries,
        () -> this,
        (n, _) -> {
          S state = states.get(n);
          int query = block.from + n;
          for (int other = 0; other < block.others; other++) {
            int place = block.first + other;
            double squared = squares[query] + squares[place] - 2 * block.dot(n, other);
            visit.pair(state, query, place, Math.max(0, squared));
          }
        });
  }

  private double[] squares(double[] mean) {
    double[] squares = new double[table.count()];
    for (int row = 0; row < squares.length; row++) {
      for (float number : table.centred(row, mean)) {
        squares[row] += (double) number * number;
      }
    }
    return squares;
  }
}

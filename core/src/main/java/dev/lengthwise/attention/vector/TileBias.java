package dev.lengthwise.attention.vector;

import dev.lengthwise.position.Branch;
import dev.lengthwise.position.DistanceBias;
import dev.lengthwise.position.PositionMap;

/// Adds the biases of a branch to the scores of one tile of keys, in units of `log 2`.
///
/// An instance belongs to one thread.
sealed interface TileBias {

  /// Adds to rows `[fromRow, untilRow)` of `scores`, `[rows, KEYS]`.
  ///
  /// @param firstKey index in the text of the first key of the tile
  void add(QueryBlock queryBlock, long firstKey, float[] scores, int fromRow, int untilRow);

  /// A bias of the relative position alone: numbers of a table.
  final class OfDistance implements TileBias {

    private static final double LOG2_E = 1 / Math.log(2);

    private final DistanceBias bias;
    private final Branch branch;
    private final DistanceTables tables;
    private final DistanceTables.Steps steps;
    private final boolean shifts;
    private final int[] places = new int[AttentionKernels.KEYS];
    private float[][] table = {};

    OfDistance(DistanceBias bias, Branch branch, DistanceTables tables) {
      this.bias = bias;
      this.branch = branch;
      this.tables = tables;
      this.steps = DistanceTables.Steps.of(branch);
      this.shifts =
          branch.query() instanceof PositionMap.Divided(double query, _)
              && branch.key() instanceof PositionMap.Divided(double key, _)
              && query == key;
    }

    @Override
    public void add(
        QueryBlock queryBlock, long firstKey, float[] scores, int fromRow, int untilRow) {
      int end = Math.min(untilRow, queryBlock.rows());
      int row = fromRow;
      while (row < end) {
        int untilOfQuery = Math.min(end, (row / queryBlock.group() + 1) * queryBlock.group());
        if (shifts) {
          addRun(queryBlock, firstKey, scores, row, untilOfQuery);
        } else {
          addEach(queryBlock, firstKey, scores, row, untilOfQuery);
        }
        row = untilOfQuery;
      }
    }

    // Rows of one query. With equal divisors, one key further is one step less in the distance.
    private void addRun(
        QueryBlock queryBlock, long firstKey, float[] scores, int fromRow, int untilRow) {
      double greatest = branch.relativePosition(queryBlock.position(fromRow), firstKey);
      int n = steps.of(greatest);
      if (greatest < 0 || n < 0) {
        addEach(queryBlock, firstKey, scores, fromRow, untilRow);
        return;
      }
      require(queryBlock, n + 1);
      int from = DistanceTables.stepsOf(table) - 1 - n;
      for (int row = fromRow; row < untilRow; row++) {
        float[] ofHead = table[queryBlock.head(row)];
        int at = row * AttentionKernels.KEYS;
        for (int key = 0; key < AttentionKernels.KEYS; key++) {
          scores[at + key] += ofHead[from + key];
        }
      }
    }

    private void addEach(
        QueryBlock queryBlock, long firstKey, float[] scores, int fromRow, int untilRow) {
      long query = queryBlock.position(fromRow);
      int most = 0;
      for (int key = 0; key < AttentionKernels.KEYS; key++) {
        places[key] = steps.of(branch.relativePosition(query, firstKey + key));
        most = Math.max(most, places[key]);
      }
      require(queryBlock, most + 1);
      int last = DistanceTables.stepsOf(table) - 1;
      for (int row = fromRow; row < untilRow; row++) {
        int head = queryBlock.head(row);
        int at = row * AttentionKernels.KEYS;
        for (int key = 0; key < AttentionKernels.KEYS; key++) {
          scores[at + key] +=
              places[key] >= 0
                  ? table[head][last - places[key]]
                  : computed(head, query, firstKey + key);
        }
      }
    }

    private float computed(int head, long query, long key) {
      return (float) (bias.at(head, branch.relativePosition(query, key)) * LOG2_E);
    }

    private void require(QueryBlock queryBlock, int count) {
      if (table.length == 0 || DistanceTables.stepsOf(table) < count) {
        table = tables.of(bias, steps, queryBlock.heads(), count);
      }
    }
  }

  /// A bias of query and distance: computed pair by pair, once for each position of a query block.
  final class OfQuery implements TileBias {

    private final FireLines lines;
    private final Branch branch;
    private final double[] arguments = new double[AttentionKernels.KEYS];
    private final int[] pieces = new int[AttentionKernels.KEYS];

    OfQuery(FireLines lines, Branch branch) {
      this.lines = lines;
      this.branch = branch;
    }

    @Override
    public void add(
        QueryBlock queryBlock, long firstKey, float[] scores, int fromRow, int untilRow) {
      int end = Math.min(untilRow, queryBlock.rows());
      int row = fromRow;
      while (row < end) {
        measure(queryBlock.position(row), firstKey);
        int untilOfQuery = Math.min(end, (row / queryBlock.group() + 1) * queryBlock.group());
        for (; row < untilOfQuery; row++) {
          int head = queryBlock.head(row);
          int at = row * AttentionKernels.KEYS;
          for (int key = 0; key < AttentionKernels.KEYS; key++) {
            scores[at + key] += lines.at(head, pieces[key], arguments[key]);
          }
        }
      }
    }

    private void measure(long query, long firstKey) {
      double inverse = 1 / lines.bias().measure(query);
      for (int key = 0; key < AttentionKernels.KEYS; key++) {
        double relative = Math.max(0, branch.relativePosition(query, firstKey + key));
        arguments[key] = lines.bias().psi(relative) * inverse;
        pieces[key] = lines.piece(arguments[key]);
      }
    }
  }
}

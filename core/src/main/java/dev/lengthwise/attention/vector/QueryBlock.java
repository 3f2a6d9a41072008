package dev.lengthwise.attention.vector;

import dev.lengthwise.attention.HeadMaps;
import dev.lengthwise.attention.Rotation;
import dev.lengthwise.cache.PageLayout;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.Branch;
import dev.lengthwise.position.QueryKeyMap;
import dev.lengthwise.position.Region;
import dev.lengthwise.position.ScoreBias;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Some consecutive queries of all heads that share a key head, and the state of their softmax.
///
/// Row `p · group + g` is position `p` of the query block in query head `g` of the group. Arrays
/// hold a multiple of [AttentionKernels#ROWS] rows; rows behind the last one are never looked at.
final class QueryBlock {

  /// Rows that a query block aims at. Enough to make the decoding of a tile of keys and values
  /// cheap (under 5 % of its products), few enough that queries and scores stay in the second-level
  /// cache; a multiple of [AttentionKernels#ROWS].
  static final int TARGET_ROWS = 96;

  private static final double LOG2_E = 1 / Math.log(2);

  private final AttentionPlan plan;
  private final PhaseCache phases;
  private final AttentionKernels kernels = AttentionKernels.best();
  private final List<Branch> branches; // of the plan, then the candidates of a selection
  private final int size; // channels of a query
  private final int valueSize;
  private final int group;
  private final float[][] queries; // for each branch [rows, size]
  private final boolean[] ready; // for each branch
  private final List<Rotation> rotations; // for each branch
  private final float[] @Nullable [] phasesOf; // for each branch, those of a block of tokens
  private final long[] phaseBlocks; // for each branch
  private final float[] unturned; // [size], one query
  private final float[] between; // [size], factors of a decay
  private final float[] decayed; // [rows, size], only for a decay
  private final long[] firstKey; // for each branch: the keys that some row sees
  private final long[] untilKey;
  private final float[] slopes; // [rows]
  private final float[] places; // [rows]
  private final float[] keyPlaces = new float[AttentionKernels.KEYS];
  private final AttentionKernels.Softmax softmax;
  private VectorCall call;
  private int keyHead;
  private int firstRow; // of the query tensor
  private int positions;

  /// A query block of up to `most` positions.
  QueryBlock(VectorCall call, PhaseCache phases, int most) {
    this.call = call;
    this.plan = call.plan();
    this.phases = phases;
    this.size = call.size();
    this.valueSize = call.valueSize();
    this.group = call.group();
    int rows = taken(most * group);
    this.branches = plan.branchesWithCandidates();
    int count = branches.size();
    this.queries = new float[count][rows * size];
    this.ready = new boolean[count];
    this.rotations =
        branches.stream()
            .map(branch -> new Rotation(plan.rotary(), branch.query(), plan.map(), false))
            .toList();
    this.phasesOf = new float[count][];
    this.phaseBlocks = new long[count];
    this.unturned = new float[size];
    this.between = new float[size];
    this.decayed = new float[plan.map() instanceof QueryKeyMap.Decay ? rows * size : 0];
    this.firstKey = new long[count];
    this.untilKey = new long[count];
    this.slopes = new float[rows];
    this.places = new float[rows];
    int width = PageLayout.width(valueSize);
    this.softmax =
        new AttentionKernels.Softmax(
            new float[rows],
            new float[rows * AttentionKernels.PARTIAL_SUMS],
            new float[rows * width],
            width);
  }

  /// Positions of a query block where `group` query heads share a key head.
  static int positionsOf(int group) {
    return Math.max(1, TARGET_ROWS / group);
  }

  /// The rows that kernels compute for `rows`: themselves where they are taken one by one.
  static int taken(int rows) {
    return rows <= AttentionKernels.SINGLE_ROWS ? rows : aligned(rows);
  }

  /// `rows`, rounded up to what the product takes at once.
  static int aligned(int rows) {
    return (rows + AttentionKernels.ROWS - 1) / AttentionKernels.ROWS * AttentionKernels.ROWS;
  }

  /// Whether this query block can serve `other`.
  boolean fits(VectorCall other) {
    return plan.equals(other.plan())
        && size == other.size()
        && valueSize == other.valueSize()
        && group == other.group();
  }

  /// Begins with `count` rows of the query tensor from `first` on.
  void start(VectorCall newCall, int head, int first, int count) {
    call = newCall;
    keyHead = head;
    firstRow = first;
    positions = count;
    Arrays.fill(ready, false);
    int rows = taken(rows());
    Arrays.fill(softmax.reference(), 0, rows, AttentionKernels.NOTHING_SEEN);
    Arrays.fill(softmax.totals(), 0, rows * AttentionKernels.PARTIAL_SUMS, 0);
    Arrays.fill(softmax.weighted(), 0, rows * softmax.width(), 0);
    for (int branch = 0; branch < ready.length; branch++) {
      findKeys(branch);
    }
  }

  int rows() {
    return positions * group;
  }

  int group() {
    return group;
  }

  int positions() {
    return positions;
  }

  /// The index in the text of the query of a row.
  long position(int row) {
    return firstPosition() + row / group;
  }

  /// The query head of a row.
  int head(int row) {
    return keyHead * group + row % group;
  }

  /// Query heads of the model.
  int heads() {
    return call.pages().heads() * group;
  }

  AttentionKernels.Softmax softmax() {
    return softmax;
  }

  long firstPosition() {
    return call.firstPosition() + firstRow;
  }

  long lastPosition() {
    return firstPosition() + positions - 1;
  }

  /// The first key that some row sees in `branch`.
  long firstKey(int branch) {
    return firstKey[branch];
  }

  /// The first key behind all that some row sees in `branch`.
  long untilKey(int branch) {
    return untilKey[branch];
  }

  // Both ends of the keys that a query sees move forward with the query.
  private void findKeys(int branch) {
    Region region = branches.get(branch).region();
    firstKey[branch] = 0;
    untilKey[branch] = 0;
    for (int position = 0; position < positions; position++) {
      Bounds keys = region.keys(firstPosition() + position);
      if (keys.until() > keys.from()) {
        firstKey[branch] = keys.from();
        break;
      }
    }
    for (int position = positions - 1; position >= 0; position--) {
      Bounds keys = region.keys(firstPosition() + position);
      if (keys.until() > keys.from()) {
        untilKey[branch] = keys.until();
        break;
      }
    }
  }

  /// Queries of a branch, placed and scaled to scores in units of `log 2`, for the tile of keys
  /// from `firstTileKey` on: `[rows, size]`.
  float[] queries(int branch, long firstTileKey) {
    Rotation rotation = rotations.get(branch);
    if (!ready[branch]) {
      place(branch, queries[branch]);
      ready[branch] = true;
    }
    return rotation.decays()
        ? decayed(queries[branch], rotation, branches.get(branch).key().at(firstTileKey))
        : queries[branch];
  }

  // They stay the same for 64 tokens, and their key is long to compare.
  private float[] phases(int branch, long block) {
    float[] found = phasesOf[branch];
    if (found == null || phaseBlocks[branch] != block) {
      found = phases.byToken(rotations.get(branch), block);
      phasesOf[branch] = found;
      phaseBlocks[branch] = block;
    }
    return found;
  }

  private void place(int branch, float[] target) {
    int pairs = plan.rotary().pairs();
    double amplitude = plan.rotary().amplitude();
    for (int position = 0; position < positions; position++) {
      long index = firstPosition() + position;
      float[] table = phases(branch, index / PhaseCache.BLOCK);
      int token = (int) (index % PhaseCache.BLOCK);
      double factor = plan.scaleAt(index) * LOG2_E / Math.sqrt(size);
      float ofTurned = (float) (factor * amplitude * amplitude); // that of the keys, too
      for (int head = 0; head < group; head++) {
        int at = (position * group + head) * size;
        call.queries()
            .read(call.batch(), keyHead * group + head, firstRow + position, 1, target, at);
        HeadMaps.query(plan.map(), index, target, at, size);
        System.arraycopy(target, at, unturned, 0, size);
        kernels.rotate(target, at, table, token, pairs);
        if (plan.map() instanceof QueryKeyMap.Collinear(boolean slack) && slack) {
          multiply(target, at, unturned);
        }
        multiply(target, at, at + 2 * pairs, ofTurned);
        multiply(target, at + 2 * pairs, at + size, (float) factor);
      }
    }
  }

  // Placed queries hold the factors of a decay from the first token of their block of phases on,
  // keys those from their page on: what is between the two is the same for all rows of a block.
  private float[] decayed(float[] placed, Rotation rotation, double keyOrigin) {
    int pairs = rotation.rotary().pairs();
    long block = -1;
    for (int position = 0; position < positions; position++) {
      long own = (firstPosition() + position) / PhaseCache.BLOCK;
      if (own != block) {
        block = own;
        double distance = rotation.places().at(block * PhaseCache.BLOCK) - keyOrigin;
        Arrays.fill(between, 1);
        for (int pair = 0; pair < pairs; pair++) {
          between[pair] = (float) rotation.factor(pair, distance);
          between[pair + pairs] = between[pair];
        }
      }
      for (int head = 0; head < group; head++) {
        int at = (position * group + head) * size;
        System.arraycopy(placed, at, decayed, at, size);
        multiply(decayed, at, between);
      }
    }
    return decayed;
  }

  /// The numbers of `bias` for keys from `firstTileKey` on. Places are taken relative to the first
  /// query before they become floats.
  AttentionKernels.Bias bias(ScoreBias.Linear bias, Branch branch, long firstTileKey) {
    double origin = branch.query().at(firstPosition());
    for (int position = 0; position < positions; position++) {
      float place = (float) (branch.query().at(firstPosition() + position) - origin);
      for (int head = 0; head < group; head++) {
        places[position * group + head] = place;
        slopes[position * group + head] = (float) (bias.slope(keyHead * group + head) * LOG2_E);
      }
    }
    for (int key = 0; key < AttentionKernels.KEYS; key++) {
      keyPlaces[key] = (float) (branch.key().at(firstTileKey + key) - origin);
    }
    return new AttentionKernels.Bias(slopes, places, keyPlaces);
  }

  /// Divides by the totals, to which sinks now count, and writes the output rows.
  void finish() {
    float[] weighted = softmax.weighted();
    for (int row = 0; row < rows(); row++) {
      float total = 0;
      for (int lane = 0; lane < AttentionKernels.PARTIAL_SUMS; lane++) {
        total += softmax.totals()[row * AttentionKernels.PARTIAL_SUMS + lane];
      }
      int at = row * softmax.width();
      divide(weighted, at, at + valueSize, total + sink(row));
      call.output()
          .write(call.batch(), keyHead * group + row % group, firstRow + row / group, weighted, at);
    }
  }

  // The weight of a sink at the reference of its row. In double: it may be far above all scores.
  private double sink(int row) {
    return plan.rule().hasSinks()
        ? Math.pow(2, plan.rule().sink(head(row)) * LOG2_E - softmax.reference()[row])
        : 0;
  }

  private static void multiply(float[] values, int from, float[] factors) {
    for (int channel = 0; channel < factors.length; channel++) {
      values[from + channel] *= factors[channel];
    }
  }

  private static void multiply(float[] values, int from, int until, float factor) {
    for (int at = from; at < until; at++) {
      values[at] *= factor;
    }
  }

  private static void divide(float[] values, int from, int until, double divisor) {
    for (int at = from; at < until; at++) {
      values[at] = (float) (values[at] / divisor);
    }
  }

  /// Takes in what `other` has seen: the same rows over later keys.
  void add(QueryBlock other) {
    AttentionKernels.Softmax theirs = other.softmax;
    for (int row = 0; row < rows(); row++) {
      float greater = Math.max(softmax.reference()[row], theirs.reference()[row]);
      float mine = ScalarAttentionKernels.powerOfTwo(softmax.reference()[row] - greater);
      float its = ScalarAttentionKernels.powerOfTwo(theirs.reference()[row] - greater);
      softmax.reference()[row] = greater;
      join(softmax.totals(), mine, theirs.totals(), its, row, AttentionKernels.PARTIAL_SUMS);
      join(softmax.weighted(), mine, theirs.weighted(), its, row, softmax.width());
    }
  }

  private static void join(float[] a, float mine, float[] b, float its, int row, int count) {
    for (int at = row * count; at < (row + 1) * count; at++) {
      a[at] = a[at] * mine + b[at] * its;
    }
  }
}

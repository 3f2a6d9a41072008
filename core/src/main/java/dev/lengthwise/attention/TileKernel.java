package dev.lengthwise.attention;

import static dev.lengthwise.attention.MatrixKernel.LANES;
import static dev.lengthwise.attention.MatrixKernel.SPECIES;

import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.Branch;
import dev.lengthwise.position.PositionMap;
import dev.lengthwise.position.QueryKeyMap;
import dev.lengthwise.position.Region;
import dev.lengthwise.position.ScoreBias;
import java.util.Arrays;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// Attention of one block of queries: the inner loop of [VectorAttention], with the scratch memory
/// of one thread.
///
/// All matrices are transposed: lanes run over the queries of the block (columns), so that the
/// running maximum and sum of the softmax are vectors and nothing is ever added across lanes.
/// Column `g · rows + r` is row `r` of the block in query head `g` of the group.
final class TileKernel {

  /// Keys of a tile; tiles lie on multiples of this in the text, as blocks of phases do.
  static final int TILE = PhaseCache.BLOCK;

  // Below any score, and finite so that differences of it are numbers.
  private static final float LOWEST = -1e30f;

  /// A block of queries.
  ///
  /// @param batch sequence
  /// @param keyHead key head
  /// @param group query heads that share the key head
  /// @param firstRow first row in the query tensor
  /// @param rows number of rows
  /// @param firstPosition index in the text of the first row
  record Block(int batch, int keyHead, int group, int firstRow, int rows, long firstPosition) {

    long lastPosition() {
      return firstPosition + rows - 1;
    }
  }

  /// Where tensors lie.
  record Memory(HeadRows queries, HeadRows keys, HeadRows values, HeadRows output) {}

  /// A run of keys on one tile of the grid.
  private record Tile(long position, long row, int keys) {

    long lastPosition() {
      return position + keys - 1;
    }
  }

  private final AttentionPlan plan;
  private final PhaseCache phases;
  private final int size; // channels of a head
  private final int columns;
  private final float[][] queries; // for each branch [headSize, columns]; null until needed
  private final boolean[] queriesReady;
  private final float[] rawKeys; // [TILE, headSize]
  private final float[] turnedKeys; // [TILE, headSize]
  private final float[] values; // [TILE, headSize]
  private final float[] scores; // [TILE, columns]
  private final float[] branchScores; // [TILE, columns]
  private final float[] weighted; // [headSize, columns]
  private final float[] greatest; // [columns]
  private final float[] total; // [columns]
  private final float[] relative; // [columns], positions of queries for the bias
  private final float[] slopes; // [columns]
  private final float[] one; // [headSize]
  private final float[] turned; // [headSize]

  TileKernel(AttentionPlan plan, PhaseCache phases, int headSize, int columns) {
    this.plan = plan;
    this.phases = phases;
    this.size = headSize;
    this.columns = columns;
    this.queries = new float[plan.branches().size()][headSize * columns];
    this.queriesReady = new boolean[plan.branches().size()];
    this.rawKeys = new float[TILE * headSize];
    this.turnedKeys = new float[TILE * headSize];
    this.values = new float[TILE * headSize];
    this.scores = new float[TILE * columns];
    this.branchScores = new float[TILE * columns];
    this.weighted = new float[headSize * columns];
    this.greatest = new float[columns];
    this.total = new float[columns];
    this.relative = new float[columns];
    this.slopes = new float[columns];
    this.one = new float[headSize];
    this.turned = new float[headSize];
  }

  /// Attends from the queries of `block` to every key of `spans` that the plan lets them see.
  void attend(Block block, Memory memory, List<KeySpan> spans) {
    Arrays.fill(queriesReady, false);
    Arrays.fill(weighted, 0);
    Arrays.fill(greatest, LOWEST);
    Arrays.fill(total, 0);
    for (KeySpan span : spans) {
      long position = span.firstPosition();
      long last = Math.min(span.lastPosition(), block.lastPosition());
      while (position <= last) {
        long end = Math.min(last + 1, (position / TILE + 1) * TILE);
        Tile tile =
            new Tile(
                position,
                span.firstRow() + (position - span.firstPosition()),
                (int) (end - position));
        if (plan.touches(
            block.firstPosition(), block.lastPosition(), tile.position(), tile.lastPosition())) {
          visit(block, memory, tile);
        }
        position = end;
      }
    }
    writeOutput(block, memory);
  }

  private void visit(Block block, Memory memory, Tile tile) {
    memory.keys().read(block.batch(), block.keyHead(), tile.row(), tile.keys(), rawKeys);
    memory.values().read(block.batch(), block.keyHead(), tile.row(), tile.keys(), values);
    normalizeKeys(tile.keys());
    scoreTile(block, memory, tile);
    softmaxTile(tile.keys());
    MatrixKernel.multiply(
        new MatrixKernel.Left(values, 0, 1, size),
        scores,
        weighted,
        size,
        tile.keys(),
        columns,
        true);
  }

  // Fills `scores`: a branch that holds the whole tile writes it directly, others are merged.
  private void scoreTile(Block block, Memory memory, Tile tile) {
    boolean blank = false;
    for (int index = 0; index < plan.branches().size(); index++) {
      Branch branch = plan.branches().get(index);
      Region.Coverage coverage =
          branch
              .region()
              .coverage(
                  block.firstPosition(),
                  block.lastPosition(),
                  tile.position(),
                  tile.lastPosition());
      switch (coverage) {
        case NONE -> {}
        case FULL -> {
          scoreBranch(index, block, memory, tile, scores);
          return;
        }
        case PARTIAL -> {
          if (!blank) {
            Arrays.fill(scores, 0, tile.keys() * columns, Float.NEGATIVE_INFINITY);
            blank = true;
          }
          scoreBranch(index, block, memory, tile, branchScores);
          merge(branch.region(), block, tile);
        }
      }
    }
  }

  private void merge(Region region, Block block, Tile tile) {
    for (int row = 0; row < block.rows(); row++) {
      Bounds keys = region.keys(block.firstPosition() + row);
      int from = Math.clamp(keys.from() - tile.position(), 0, tile.keys());
      int until = Math.clamp(keys.until() - tile.position(), 0, tile.keys());
      for (int key = from; key < until; key++) {
        for (int head = 0; head < block.group(); head++) {
          int at = key * columns + head * block.rows() + row;
          scores[at] = branchScores[at];
        }
      }
    }
  }

  private void scoreBranch(int index, Block block, Memory memory, Tile tile, float[] target) {
    Branch branch = plan.branches().get(index);
    if (!queriesReady[index]) {
      turnQueries(branch.query(), block, memory, queries[index]);
      queriesReady[index] = true;
    }
    float[] keys = turnKeys(branch.key(), tile);
    MatrixKernel.multiply(
        new MatrixKernel.Left(keys, 0, size, 1),
        queries[index],
        target,
        tile.keys(),
        size,
        columns,
        false);
    switch (plan.bias()) {
      case ScoreBias.None none -> {}
      case ScoreBias.Linear linear -> addBias(linear, branch, block, tile, target);
    }
  }

  // Rotated, scaled and transposed queries of the block: [headSize, columns].
  private void turnQueries(PositionMap map, Block block, Memory memory, float[] target) {
    boolean normalize = normalizes().queries();
    Arrays.fill(target, 0);
    for (int row = 0; row < block.rows(); row++) {
      long position = block.firstPosition() + row;
      float[] table = phases.block(plan.rotary(), map, position / TILE);
      float factor = (float) (plan.scale().at(position) / Math.sqrt(size));
      for (int head = 0; head < block.group(); head++) {
        int queryHead = block.keyHead() * block.group() + head;
        memory.queries().read(block.batch(), queryHead, block.firstRow() + row, 1, one);
        if (normalize) {
          normalize(one, 0);
        }
        turn(one, turned, 0, table, (int) (position % TILE));
        int column = head * block.rows() + row;
        for (int channel = 0; channel < size; channel++) {
          target[channel * columns + column] = turned[channel] * factor;
        }
      }
    }
  }

  private float[] turnKeys(PositionMap map, Tile tile) {
    if (plan.rotary().pairs() == 0) {
      return rawKeys;
    }
    if (map instanceof PositionMap.Fixed fixed && fixed.position() == 0) {
      return rawKeys;
    }
    float[] table = phases.block(plan.rotary(), map, tile.position() / TILE);
    int first = (int) (tile.position() % TILE);
    for (int key = 0; key < tile.keys(); key++) {
      turn(rawKeys, turnedKeys, key * size, table, first + key);
    }
    return turnedKeys;
  }

  // Turns the head vector at `at` by the phases of `token`.
  private void turn(float[] from, float[] to, int at, float[] table, int token) {
    int pairs = plan.rotary().pairs();
    int cosines = token * 2 * pairs;
    int sines = cosines + pairs;
    int pair = 0;
    for (; pair + LANES <= pairs; pair += LANES) {
      FloatVector low = FloatVector.fromArray(SPECIES, from, at + pair);
      FloatVector high = FloatVector.fromArray(SPECIES, from, at + pairs + pair);
      FloatVector cos = FloatVector.fromArray(SPECIES, table, cosines + pair);
      FloatVector sin = FloatVector.fromArray(SPECIES, table, sines + pair);
      low.mul(cos).sub(high.mul(sin)).intoArray(to, at + pair);
      low.mul(sin).add(high.mul(cos)).intoArray(to, at + pairs + pair);
    }
    for (; pair < pairs; pair++) {
      float low = from[at + pair];
      float high = from[at + pairs + pair];
      to[at + pair] = low * table[cosines + pair] - high * table[sines + pair];
      to[at + pairs + pair] = low * table[sines + pair] + high * table[cosines + pair];
    }
    System.arraycopy(from, at + 2 * pairs, to, at + 2 * pairs, size - 2 * pairs);
  }

  // Adds −slope · ρ. Positions are taken relative to the first query before they become floats.
  private void addBias(
      ScoreBias.Linear bias, Branch branch, Block block, Tile tile, float[] target) {
    double origin = branch.query().at(block.firstPosition());
    for (int row = 0; row < block.rows(); row++) {
      float position = (float) (branch.query().at(block.firstPosition() + row) - origin);
      for (int head = 0; head < block.group(); head++) {
        relative[head * block.rows() + row] = position;
        slopes[head * block.rows() + row] =
            (float) bias.slope(block.keyHead() * block.group() + head);
      }
    }
    for (int key = 0; key < tile.keys(); key++) {
      float before = (float) (origin - branch.key().at(tile.position() + key));
      for (int column = 0; column < columns; column += LANES) {
        FloatVector distance = FloatVector.fromArray(SPECIES, relative, column).add(before);
        FloatVector slope = FloatVector.fromArray(SPECIES, slopes, column);
        FloatVector score = FloatVector.fromArray(SPECIES, target, key * columns + column);
        score.sub(slope.mul(distance)).intoArray(target, key * columns + column);
      }
    }
  }

  // Turns scores into weights and brings sums and outputs of earlier tiles to the new maximum.
  private void softmaxTile(int keys) {
    for (int column = 0; column < columns; column += LANES) {
      FloatVector before = FloatVector.fromArray(SPECIES, greatest, column);
      FloatVector now = before;
      for (int key = 0; key < keys; key++) {
        now = now.max(FloatVector.fromArray(SPECIES, scores, key * columns + column));
      }
      FloatVector sum = FloatVector.zero(SPECIES);
      for (int key = 0; key < keys; key++) {
        int at = key * columns + column;
        FloatVector weight = FloatExp.of(FloatVector.fromArray(SPECIES, scores, at).sub(now));
        weight.intoArray(scores, at);
        sum = sum.add(weight);
      }
      FloatVector shrink = FloatExp.of(before.sub(now));
      FloatVector.fromArray(SPECIES, total, column).fma(shrink, sum).intoArray(total, column);
      now.intoArray(greatest, column);
      if (!now.compare(VectorOperators.EQ, before).allTrue()) {
        for (int channel = 0; channel < size; channel++) {
          int at = channel * columns + column;
          FloatVector.fromArray(SPECIES, weighted, at).mul(shrink).intoArray(weighted, at);
        }
      }
    }
  }

  private void writeOutput(Block block, Memory memory) {
    for (int row = 0; row < block.rows(); row++) {
      for (int head = 0; head < block.group(); head++) {
        int column = head * block.rows() + row;
        for (int channel = 0; channel < size; channel++) {
          one[channel] = weighted[channel * columns + column] / total[column];
        }
        int queryHead = block.keyHead() * block.group() + head;
        memory.output().write(block.batch(), queryHead, block.firstRow() + row, one);
      }
    }
  }

  private QueryKeyMap.Normalize normalizes() {
    return switch (plan.map()) {
      case QueryKeyMap.Normalize normalize -> normalize;
    };
  }

  private void normalizeKeys(int keys) {
    if (normalizes().keys()) {
      for (int key = 0; key < keys; key++) {
        normalize(rawKeys, key * size);
      }
    }
  }

  private void normalize(float[] vectors, int at) {
    double squares = 0;
    for (int channel = 0; channel < size; channel++) {
      squares += (double) vectors[at + channel] * vectors[at + channel];
    }
    double length = Math.max(Math.sqrt(squares), QueryKeyMap.Normalize.MINIMUM_LENGTH);
    for (int channel = 0; channel < size; channel++) {
      vectors[at + channel] = (float) (vectors[at + channel] / length);
    }
  }
}

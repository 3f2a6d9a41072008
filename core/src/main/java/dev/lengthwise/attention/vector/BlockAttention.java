package dev.lengthwise.attention.vector;

import dev.lengthwise.attention.BestKeys;
import dev.lengthwise.attention.HeadMaps;
import dev.lengthwise.cache.KeyRotation;
import dev.lengthwise.cache.PageLayout;
import dev.lengthwise.cache.PageTable;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.Branch;
import dev.lengthwise.position.DistanceBias;
import dev.lengthwise.position.FireBias;
import dev.lengthwise.position.KeySelection;
import dev.lengthwise.position.QueryKeyMap;
import dev.lengthwise.position.Region;
import dev.lengthwise.position.ScoreBias;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Attention of some query blocks of one key head, or of one of each of some, to a run of tiles:
/// the inner loop of [VectorAttention], with the scratch memory of one thread.
///
/// A tile is the keys and values of one page. It is decoded at most once for all query blocks of
/// a head, and not at all for few rows; keys are turned only where the pages do not hold them
/// turned. Tiles that no branch touches are not read; a branch that holds a whole tile writes the
/// scores directly; only boundary tiles compute more than one branch, and only the rows that see
/// something of them.
final class BlockAttention {

  private static final int CACHE_LINE = 64;

  /// In place of a branch: that of rows that see no key of a tile, or keys in more than one.
  private static final int NOTHING = -2;

  private static final int SEVERAL = -1;

  private static final double LOG2_E = 1 / Math.log(2);

  private final AttentionPlan plan;
  private final List<Branch> branches; // of the plan, then the candidates of a selection
  private final int seen; // branches of the plan
  private final int size; // channels of a key
  private final int width; // of a value, padded
  private final PhaseCache phases;
  private final AttentionKernels kernels = AttentionKernels.best();
  private final boolean atOnce; // whether a kernel goes from plain scores to sums
  private final float[][] keys; // for each branch [size, KEYS]
  private final float[][] keysOfBranch; // those of another branch where rotations are the same
  private final boolean[] keysReady;
  private final List<KeyRotation> keyRotations; // of each branch
  private final PageTable[] tables; // of each branch: where its keys are read; then values
  private final boolean[] placed; // whether they lie there as the branch wants them
  private final float[] values; // [⌈width / STRIDE⌉, KEYS, STRIDE]
  private boolean valuesReady;
  private final float[] scores; // [rows, KEYS]
  private final float[] branchScores; // [rows, KEYS]
  private final int[] from; // [branches, positions]: which keys of a tile a position sees
  private final int[] until;
  private boolean whole; // whether the branch that was found holds the whole tile
  private final int most; // positions of a query block
  private final boolean decays; // queries differ from page to page
  private final PageRun run;
  private final List<TileBias> biases; // of each branch, where kernels have no formula for them

  // Keeps the compiler from leaving out the loads of `fetch`.
  @SuppressWarnings("unused")
  private int fetched;

  BlockAttention(VectorCall call, PhaseCache phases, DistanceTables tablesOfBiases) {
    this.plan = call.plan();
    this.size = call.size();
    this.width = PageLayout.width(call.valueSize());
    this.phases = phases;
    this.atOnce =
        kernels.attendsAtOnce() && !plan.rule().hasCap() && plan.bias() instanceof ScoreBias.None;
    this.decays = plan.map() instanceof QueryKeyMap.Decay;
    this.run = new PageRun(kernels, width);
    this.branches = plan.branchesWithCandidates();
    this.seen = plan.branches().size();
    int count = branches.size();
    this.keys = new float[count][size * AttentionKernels.KEYS];
    this.keysOfBranch = new float[count][];
    this.keysReady = new boolean[count];
    this.keyRotations = branches.stream().map(branch -> KeyRotation.of(plan, branch)).toList();
    this.tables = new PageTable[count + 1];
    this.placed = new boolean[count];
    int strides = (width + AttentionKernels.STRIDE - 1) / AttentionKernels.STRIDE;
    this.values = new float[strides * AttentionKernels.KEYS * AttentionKernels.STRIDE];
    this.most = QueryBlock.positionsOf(call.group());
    int rows = QueryBlock.aligned(most * call.group());
    this.scores = new float[rows * AttentionKernels.KEYS];
    this.branchScores = seen == 1 ? scores : new float[rows * AttentionKernels.KEYS];
    this.from = new int[count * most];
    this.until = new int[count * most];
    this.biases = biases(plan.bias(), branches, tablesOfBiases);
  }

  private static List<TileBias> biases(ScoreBias of, List<Branch> branches, DistanceTables tables) {
    return switch (of) {
      case ScoreBias.None _, ScoreBias.Linear _ -> List.of();
      case DistanceBias bias ->
          branches.stream()
              .<TileBias>map(branch -> new TileBias.OfDistance(bias, branch, tables))
              .toList();
      case FireBias bias -> {
        FireLines lines = new FireLines(bias);
        yield branches.stream()
            .<TileBias>map(branch -> new TileBias.OfQuery(lines, branch))
            .toList();
      }
    };
  }

  /// Whether this can serve `call`.
  boolean fits(VectorCall call) {
    return plan.equals(call.plan())
        && size == call.size()
        && width == PageLayout.width(call.valueSize())
        && most == QueryBlock.positionsOf(call.group());
  }

  /// Begins with the pages of a call.
  void start(VectorCall call) {
    for (int branch = 0; branch < placed.length; branch++) {
      PageTable exact = call.pages().keysAt(keyRotations.get(branch));
      PageTable found = exact == null ? call.pages().keysAt(KeyRotation.RAW) : exact;
      if (found == null) {
        throw new IllegalStateException("these pages were made for another plan");
      }
      placed[branch] = exact != null;
      tables[branch] = found;
    }
    tables[placed.length] = call.pages().values();
  }

  /// Lets `queryBlocks` see the tiles `[firstTile, untilTile)`.
  void attend(int keyHead, QueryBlock[] queryBlocks, long firstTile, long untilTile) {
    for (long tile = next(queryBlocks, firstTile);
        tile < untilTile;
        tile = next(queryBlocks, tile + 1)) {
      Arrays.fill(keysReady, false);
      valuesReady = false;
      for (QueryBlock queryBlock : queryBlocks) {
        visit(keyHead, queryBlock, tile);
      }
    }
  }

  /// Lets the query blocks of neighbouring key heads see the tiles `[firstTile, untilTile)`, tile
  /// after tile: the pages are read in the order of memory, which is what bounds the decoding of
  /// single tokens.
  ///
  /// @param firstHead key head of the first block
  /// @param ofHeads of the same few tokens each
  void attendHeads(int firstHead, QueryBlock[] ofHeads, long firstTile, long untilTile) {
    run.clear();
    for (long tile = next(ofHeads, firstTile); tile < untilTile; tile = next(ofHeads, tile + 1)) {
      // What one head sees, all see: their rows are the same tokens.
      int branch = atOnce ? findBranch(ofHeads[0], tile) : SEVERAL;
      if (branch >= 0 && placed[branch] && (whole || allSee(ofHeads[0], branch))) {
        seeAtOnce(firstHead, ofHeads, branch, tile);
      } else if (branch != NOTHING) {
        seeRun(firstHead, ofHeads, null);
        for (int n = 0; n < ofHeads.length; n++) {
          Arrays.fill(keysReady, false);
          valuesReady = false;
          fetch(firstHead + n, tile);
          visit(firstHead + n, ofHeads[n], tile);
        }
      }
    }
    seeRun(firstHead, ofHeads, null);
  }

  // Queries under a decay differ from page to page, and keys that are seen in part from row to row.
  private void seeAtOnce(int firstHead, QueryBlock[] ofHeads, int branch, long tile) {
    PageTable keys = tables[branch];
    PageTable ofValues = tables[tables.length - 1];
    long bytes = ofHeads.length * (keys.layout().headBytes() + ofValues.layout().headBytes());
    if (!whole || decays || !run.goesOn(branch, bytes)) {
      seeRun(firstHead, ofHeads, null);
    }
    run.add(branch, tile, page(keys, tile), page(ofValues, tile));
    if (!whole) {
      seeRun(firstHead, ofHeads, runs(ofHeads[0], branch));
    }
  }

  private void seeRun(int firstHead, QueryBlock[] ofHeads, AttentionKernels.@Nullable Runs runs) {
    if (!run.isEmpty()) {
      PageLayout ofKeys = tables[run.branch()].layout();
      run.see(ofKeys, tables[tables.length - 1].layout(), firstHead, ofHeads, runs);
    }
  }

  // Loads one number of each cache line of a tile. Nothing waits for these loads, so that many are
  // under way at once (34 GB/s a thread, alone); what follows then finds the lines near.
  private void fetch(int keyHead, long tile) {
    int sum = 0;
    for (PageTable table : tables) {
      sum += fetch(table, keyHead, tile);
    }
    fetched = sum;
  }

  private static int fetch(PageTable table, int keyHead, long tile) {
    MemorySegment page = table.page(tile);
    if (page == null) {
      return 0;
    }
    long from = keyHead * table.layout().headBytes();
    long until = from + table.layout().headBytes();
    int sum = 0;
    for (long at = from; at + Integer.BYTES <= until; at += CACHE_LINE) {
      sum += page.get(ValueLayout.JAVA_INT_UNALIGNED, at);
    }
    return sum;
  }

  // The first tile from `tile` on that some branch of some query block touches.
  private long next(QueryBlock[] queryBlocks, long tile) {
    long next = Long.MAX_VALUE;
    for (QueryBlock queryBlock : queryBlocks) {
      for (int branch = 0; branch < seen; branch++) {
        long until = queryBlock.untilKey(branch);
        if (until > tile * AttentionKernels.KEYS) {
          next =
              Math.min(next, Math.max(tile, queryBlock.firstKey(branch) / AttentionKernels.KEYS));
        }
      }
    }
    return next;
  }

  private void visit(int keyHead, QueryBlock queryBlock, long tile) {
    int branch = findBranch(queryBlock, tile);
    if (whole) {
      int rows = QueryBlock.taken(queryBlock.rows());
      score(keyHead, queryBlock, branch, tile, scores, 0, rows);
      sum(keyHead, queryBlock, tile, 0, rows);
    } else if (branch != NOTHING) {
      visitBoundary(keyHead, queryBlock, tile, branch);
    }
  }

  // The branch in which rows see keys of a tile, NOTHING or SEVERAL. It says whether one of them
  // holds the whole tile for all rows, and else finds which keys each position sees in each.
  private int findBranch(QueryBlock queryBlock, long tile) {
    long firstKey = tile * AttentionKernels.KEYS;
    long lastKey = firstKey + AttentionKernels.KEYS - 1;
    int found = NOTHING;
    whole = false;
    for (int branch = 0; branch < seen; branch++) {
      Region region = plan.branches().get(branch).region();
      Region.Coverage coverage =
          region.coverage(queryBlock.firstPosition(), queryBlock.lastPosition(), firstKey, lastKey);
      if (coverage == Region.Coverage.FULL) {
        whole = true;
        return branch;
      }
      boolean touches =
          coverage == Region.Coverage.PARTIAL && findRuns(queryBlock, branch, firstKey);
      if (touches) {
        found = found == NOTHING ? branch : SEVERAL;
      } else {
        Arrays.fill(from, branch * most, branch * most + queryBlock.positions(), 0);
        Arrays.fill(until, branch * most, branch * most + queryBlock.positions(), 0);
      }
    }
    return found;
  }

  // Which keys of the tile each position sees in `branch`; answers whether any sees some.
  private boolean findRuns(QueryBlock queryBlock, int branch, long firstKey) {
    Region region = plan.branches().get(branch).region();
    boolean any = false;
    for (int position = 0; position < queryBlock.positions(); position++) {
      Bounds seen = region.keys(queryBlock.firstPosition() + position);
      int at = branch * most + position;
      from[at] = Math.clamp(seen.from() - firstKey, 0, AttentionKernels.KEYS);
      until[at] = Math.clamp(seen.until() - firstKey, 0, AttentionKernels.KEYS);
      any |= until[at] > from[at];
    }
    return any;
  }

  // only: the branch, or SEVERAL
  private void visitBoundary(int keyHead, QueryBlock queryBlock, long tile, int only) {
    int first = 0;
    while (!seesSomething(first)) {
      first++;
    }
    int end = queryBlock.positions();
    while (!seesSomething(end - 1)) {
      end--;
    }
    int fromRow = first * queryBlock.group();
    int untilRow = end * queryBlock.group();
    if (queryBlock.rows() > AttentionKernels.SINGLE_ROWS) {
      fromRow = fromRow / AttentionKernels.ROWS * AttentionKernels.ROWS;
      untilRow = QueryBlock.aligned(untilRow);
    }
    if (only >= 0) {
      score(keyHead, queryBlock, only, tile, scores, fromRow, untilRow);
      mask(queryBlock, only, fromRow, untilRow);
    } else {
      Arrays.fill(
          scores,
          fromRow * AttentionKernels.KEYS,
          untilRow * AttentionKernels.KEYS,
          Float.NEGATIVE_INFINITY);
      for (int branch = 0; branch < seen; branch++) {
        if (touches(queryBlock, branch)) {
          score(keyHead, queryBlock, branch, tile, branchScores, fromRow, untilRow);
          merge(queryBlock, branch, fromRow, untilRow);
        }
      }
    }
    sum(keyHead, queryBlock, tile, fromRow, untilRow);
  }

  /// Lets the last position of a query block see the keys that each of its rows chooses.
  ///
  /// @param queryBlock whose last position is the last query of a step, and which has seen the
  ///     branches
  void select(int keyHead, QueryBlock queryBlock) {
    KeySelection selection = Objects.requireNonNull(plan.selection());
    int first = (queryBlock.positions() - 1) * queryBlock.group();
    int end = queryBlock.rows();
    Bounds keys = selection.candidates().region().keys(queryBlock.lastPosition());
    BestKeys[] best = new BestKeys[end - first];
    Arrays.setAll(best, _ -> new BestKeys(selection.count(), keys.until() - keys.from()));
    for (long tile = keys.from() / AttentionKernels.KEYS;
        tile * AttentionKernels.KEYS < keys.until();
        tile++) {
      scoreCandidates(keyHead, queryBlock, tile, first, end);
      int from = (int) Math.max(0, keys.from() - tile * AttentionKernels.KEYS);
      int until =
          (int) Math.min(AttentionKernels.KEYS, keys.until() - tile * AttentionKernels.KEYS);
      for (int row = first; row < end; row++) {
        best[row - first].take(
            scores, row * AttentionKernels.KEYS, from, until, tile * AttentionKernels.KEYS);
      }
    }
    for (int row = first; row < end; row++) {
      see(keyHead, queryBlock, row, best[row - first]);
    }
  }

  // Of rows `[first, end)`, and of those that the product takes with them.
  private void scoreCandidates(int keyHead, QueryBlock queryBlock, long tile, int first, int end) {
    Arrays.fill(keysReady, false);
    boolean single = queryBlock.rows() <= AttentionKernels.SINGLE_ROWS;
    int fromRow = single ? first : first / AttentionKernels.ROWS * AttentionKernels.ROWS;
    score(keyHead, queryBlock, seen, tile, scores, fromRow, single ? end : QueryBlock.aligned(end));
  }

  // The chosen keys of one row: their scores as those of a tile, their values one by one.
  private void see(int keyHead, QueryBlock queryBlock, int row, BestKeys best) {
    PageTable table = tables[tables.length - 1];
    int at = row * AttentionKernels.KEYS;
    for (int from = 0; from < best.count(); from += AttentionKernels.KEYS) {
      int count = Math.min(AttentionKernels.KEYS, best.count() - from);
      Arrays.fill(scores, at, at + AttentionKernels.KEYS, Float.NEGATIVE_INFINITY);
      for (int n = 0; n < count; n++) {
        scores[at + n] = best.score(from + n);
      }
      kernels.weigh(queryBlock.softmax(), scores, row, row + 1);
      float[] weights = Arrays.copyOfRange(scores, at, at + AttentionKernels.KEYS);
      for (int n = 0; n < count; n++) {
        long key = best.key(from + n);
        Arrays.fill(scores, at, at + AttentionKernels.KEYS, 0);
        scores[at + (int) (key % AttentionKernels.KEYS)] = weights[n];
        MemorySegment page = page(table, key / AttentionKernels.KEYS);
        kernels.sumRow(table.layout(), page, keyHead, scores, row, queryBlock.softmax().weighted());
      }
    }
  }

  private boolean seesSomething(int position) {
    for (int branch = 0; branch < seen; branch++) {
      if (until[branch * most + position] > from[branch * most + position]) {
        return true;
      }
    }
    return false;
  }

  // The kernel computes all rows, and a row that sees nothing must not meet values at all.
  private boolean allSee(QueryBlock queryBlock, int branch) {
    for (int position = 0; position < queryBlock.positions(); position++) {
      if (until[branch * most + position] <= from[branch * most + position]) {
        return false;
      }
    }
    return true;
  }

  private boolean touches(QueryBlock queryBlock, int branch) {
    for (int position = 0; position < queryBlock.positions(); position++) {
      if (until[branch * most + position] > from[branch * most + position]) {
        return true;
      }
    }
    return false;
  }

  private AttentionKernels.Runs runs(QueryBlock queryBlock, int branch) {
    return new AttentionKernels.Runs(from, until, branch * most, queryBlock.group());
  }

  // Rows behind the last one see nothing.
  private void mask(QueryBlock queryBlock, int branch, int fromRow, int untilRow) {
    AttentionKernels.Runs runs = runs(queryBlock, branch);
    int rows = Math.min(untilRow, queryBlock.rows());
    for (int row = fromRow; row < rows; row++) {
      runs.mask(scores, row);
    }
    Arrays.fill(
        scores,
        Math.max(fromRow, rows) * AttentionKernels.KEYS,
        untilRow * AttentionKernels.KEYS,
        Float.NEGATIVE_INFINITY);
  }

  private void merge(QueryBlock queryBlock, int branch, int fromRow, int untilRow) {
    int end = Math.min(untilRow, queryBlock.rows());
    for (int row = fromRow; row < end; row++) {
      int run = branch * most + row / queryBlock.group();
      int at = row * AttentionKernels.KEYS + from[run];
      System.arraycopy(branchScores, at, scores, at, Math.max(0, until[run] - from[run]));
    }
  }

  private void score(
      int keyHead,
      QueryBlock queryBlock,
      int branch,
      long tile,
      float[] target,
      int fromRow,
      int untilRow) {
    float[] queries = queryBlock.queries(branch, tile * AttentionKernels.KEYS);
    if (placed[branch] && untilRow - fromRow <= AttentionKernels.SINGLE_ROWS) {
      PageTable table = tables[branch];
      for (int row = fromRow; row < untilRow; row++) {
        kernels.scoreRow(table.layout(), page(table, tile), keyHead, queries, row, target);
      }
    } else {
      kernels.multiply(
          new AttentionKernels.Product(
              queries, keys(keyHead, branch, tile), target, size, AttentionKernels.KEYS),
          fromRow,
          untilRow,
          false);
    }
    if (plan.rule().hasCap()) {
      kernels.cap((float) (plan.rule().cap() * LOG2_E), target, fromRow, untilRow);
    }
    switch (plan.bias()) {
      case ScoreBias.None _ -> {}
      case ScoreBias.Linear linear ->
          kernels.addBias(
              queryBlock.bias(linear, branches.get(branch), tile * AttentionKernels.KEYS),
              target,
              fromRow,
              untilRow);
      case DistanceBias _, FireBias _ ->
          biases
              .get(branch)
              .add(queryBlock, tile * AttentionKernels.KEYS, target, fromRow, untilRow);
    }
  }

  private void sum(int keyHead, QueryBlock queryBlock, long tile, int fromRow, int untilRow) {
    kernels.weigh(queryBlock.softmax(), scores, fromRow, untilRow);
    PageTable table = tables[tables.length - 1];
    if (untilRow - fromRow <= AttentionKernels.SINGLE_ROWS) {
      for (int row = fromRow; row < untilRow; row++) {
        kernels.sumRow(
            table.layout(),
            page(table, tile),
            keyHead,
            scores,
            row,
            queryBlock.softmax().weighted());
      }
      return;
    }
    if (!valuesReady) {
      read(table, keyHead, tile, values);
      valuesReady = true;
    }
    kernels.multiply(
        new AttentionKernels.Product(
            scores, values, queryBlock.softmax().weighted(), AttentionKernels.KEYS, width),
        fromRow,
        untilRow,
        true);
  }

  // The keys of the tile as `branch` wants them: [size, KEYS].
  private float[] keys(int keyHead, int branch, long tile) {
    if (!keysReady[branch]) {
      keysOfBranch[branch] = placedKeys(keyHead, branch, tile);
      keysReady[branch] = true;
    }
    return keysOfBranch[branch];
  }

  private float[] placedKeys(int keyHead, int branch, long tile) {
    float[] target = keys[branch];
    read(tables[branch], keyHead, tile, target);
    if (placed[branch]) {
      return target;
    }
    KeyRotation keyRotation = keyRotations.get(branch);
    if (!keyRotation.map().equals(QueryKeyMap.IDENTITY)) {
      map(keyRotation.map(), target);
    }
    if (keyRotation.rotates()) {
      float[] table = phases.byPair(keyRotation.rotation(), tile);
      kernels.rotateKeys(target, table, keyRotation.rotation().rotary().pairs());
    }
    return target;
  }

  private void map(QueryKeyMap map, float[] target) {
    float[] one = new float[size];
    for (int key = 0; key < AttentionKernels.KEYS; key++) {
      for (int channel = 0; channel < size; channel++) {
        one[channel] = target[channel * AttentionKernels.KEYS + key];
      }
      HeadMaps.key(map, one, 0, size);
      for (int channel = 0; channel < size; channel++) {
        target[channel * AttentionKernels.KEYS + key] = one[channel];
      }
    }
  }

  private void read(PageTable table, int keyHead, long tile, float[] target) {
    kernels.read(table.layout(), page(table, tile), keyHead, target);
  }

  private static MemorySegment page(PageTable table, long tile) {
    MemorySegment page = table.page(tile);
    if (page == null) {
      throw new IllegalStateException("a page that is seen was dropped: " + tile);
    }
    return page;
  }
}

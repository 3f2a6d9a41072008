package dev.lengthwise.attention;

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

/// Attention of some panels of one key head to a run of tiles: the inner loop of
/// [VectorAttention], with the scratch memory of one thread.
///
/// A tile is the keys and values of one page. It is decoded at most once for all panels, and keys
/// are turned only where the pages do not hold them turned. Tiles that no branch touches are not
/// read; a branch that holds a whole tile writes the scores directly; only boundary tiles compute
/// more than one branch, and only the rows that see something of them.
final class PanelAttention {

  private static final int CACHE_LINE = 64;
  private static final double LOG2_E = 1 / Math.log(2);

  private final AttentionPlan plan;
  private final List<Branch> branches; // of the plan, then the candidates of a selection
  private final int seen; // branches of the plan
  private final int size;
  private final int width;
  private final PhaseCache phases;
  private final Kernels kernels = Kernels.best();
  private final float[][] keys; // for each branch [size, KEYS]
  private final float[][] keysOfBranch; // those of another branch where placements are the same
  private final boolean[] keysReady;
  private final List<KeyPlacement> placements; // of each branch
  private final PageTable[] tables; // of each branch: where its keys are read; then values
  private final boolean[] placed; // whether they lie there as the branch wants them
  private final float[] values; // [⌈width / STRIDE⌉, KEYS, STRIDE]
  private boolean valuesReady;
  private final float[] scores; // [rows, KEYS]
  private final float[] branchScores; // [rows, KEYS]
  private final int[] from; // [branches, positions]: which keys of a tile a position sees
  private final int[] until;
  private final int most; // positions of a panel
  private final List<TileBias> biases; // of each branch, where kernels have no formula for them

  // Keeps the compiler from leaving out the loads of `fetch`.
  @SuppressWarnings("unused")
  private int fetched;

  PanelAttention(VectorCall call, PhaseCache phases, DistanceTables tablesOfBiases) {
    this.plan = call.plan();
    this.size = call.size();
    this.width = PageLayout.width(size);
    this.phases = phases;
    this.branches = plan.branchesWithCandidates();
    this.seen = plan.branches().size();
    int count = branches.size();
    this.keys = new float[count][size * Kernels.KEYS];
    this.keysOfBranch = new float[count][];
    this.keysReady = new boolean[count];
    this.placements = branches.stream().map(branch -> KeyPlacement.of(plan, branch)).toList();
    this.tables = new PageTable[count + 1];
    this.placed = new boolean[count];
    int strides = (width + Kernels.STRIDE - 1) / Kernels.STRIDE;
    this.values = new float[strides * Kernels.KEYS * Kernels.STRIDE];
    this.most = Panel.positionsOf(call.group());
    int rows = Panel.aligned(most * call.group());
    this.scores = new float[rows * Kernels.KEYS];
    this.branchScores = seen == 1 ? scores : new float[rows * Kernels.KEYS];
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
        && most == Panel.positionsOf(call.group());
  }

  /// Begins with the pages of a call.
  void start(VectorCall call) {
    for (int branch = 0; branch < placed.length; branch++) {
      PageTable exact = call.pages().keysAt(placements.get(branch));
      PageTable found = exact == null ? call.pages().keysAt(KeyPlacement.RAW) : exact;
      if (found == null) {
        throw new IllegalStateException("these pages were made for another plan");
      }
      placed[branch] = exact != null;
      tables[branch] = found;
    }
    tables[placed.length] = call.pages().values();
  }

  /// Lets `panels` see the tiles `[firstTile, untilTile)`.
  void attend(int keyHead, Panel[] panels, long firstTile, long untilTile) {
    for (long tile = next(panels, firstTile); tile < untilTile; tile = next(panels, tile + 1)) {
      Arrays.fill(keysReady, false);
      valuesReady = false;
      for (Panel panel : panels) {
        visit(keyHead, panel, tile);
      }
    }
  }

  /// Lets the panels of all key heads see the tiles `[firstTile, untilTile)`, tile after tile: the
  /// pages are read in the order of memory, which is what bounds the decoding of single tokens.
  void attendAllHeads(Panel[] ofHeads, long firstTile, long untilTile) {
    for (long tile = next(ofHeads, firstTile); tile < untilTile; tile = next(ofHeads, tile + 1)) {
      for (int head = 0; head < ofHeads.length; head++) {
        Arrays.fill(keysReady, false);
        valuesReady = false;
        fetch(head, tile);
        visit(head, ofHeads[head], tile);
      }
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

  // The first tile from `tile` on that some branch of some panel touches.
  private long next(Panel[] panels, long tile) {
    long next = Long.MAX_VALUE;
    for (Panel panel : panels) {
      for (int branch = 0; branch < seen; branch++) {
        long until = panel.untilKey(branch);
        if (until > tile * Kernels.KEYS) {
          next = Math.min(next, Math.max(tile, panel.firstKey(branch) / Kernels.KEYS));
        }
      }
    }
    return next;
  }

  private void visit(int keyHead, Panel panel, long tile) {
    long firstKey = tile * Kernels.KEYS;
    long lastKey = firstKey + Kernels.KEYS - 1;
    int touching = 0;
    int last = -1;
    for (int branch = 0; branch < seen; branch++) {
      Region region = plan.branches().get(branch).region();
      Region.Coverage coverage =
          region.coverage(panel.firstPosition(), panel.lastPosition(), firstKey, lastKey);
      if (coverage == Region.Coverage.FULL) {
        int rows = Panel.taken(panel.rows());
        score(keyHead, panel, branch, tile, scores, 0, rows);
        sum(keyHead, panel, tile, 0, rows);
        return;
      }
      boolean touches = coverage == Region.Coverage.PARTIAL && findRuns(panel, branch, firstKey);
      if (touches) {
        touching++;
        last = branch;
      } else {
        Arrays.fill(from, branch * most, branch * most + panel.positions(), 0);
        Arrays.fill(until, branch * most, branch * most + panel.positions(), 0);
      }
    }
    if (touching > 0) {
      visitBoundary(keyHead, panel, tile, touching == 1 ? last : -1);
    }
  }

  // Which keys of the tile each position sees in `branch`; answers whether any sees some.
  private boolean findRuns(Panel panel, int branch, long firstKey) {
    Region region = plan.branches().get(branch).region();
    boolean any = false;
    for (int position = 0; position < panel.positions(); position++) {
      Bounds seen = region.keys(panel.firstPosition() + position);
      int at = branch * most + position;
      from[at] = Math.clamp(seen.from() - firstKey, 0, Kernels.KEYS);
      until[at] = Math.clamp(seen.until() - firstKey, 0, Kernels.KEYS);
      any |= until[at] > from[at];
    }
    return any;
  }

  private void visitBoundary(int keyHead, Panel panel, long tile, int only) {
    int first = 0;
    while (!seesSomething(first)) {
      first++;
    }
    int end = panel.positions();
    while (!seesSomething(end - 1)) {
      end--;
    }
    int fromRow = first * panel.group();
    int untilRow = end * panel.group();
    if (panel.rows() > Kernels.SINGLE_ROWS) {
      fromRow = fromRow / Kernels.ROWS * Kernels.ROWS;
      untilRow = Panel.aligned(untilRow);
    }
    if (only >= 0) {
      score(keyHead, panel, only, tile, scores, fromRow, untilRow);
      mask(panel, only, fromRow, untilRow);
    } else {
      Arrays.fill(scores, fromRow * Kernels.KEYS, untilRow * Kernels.KEYS, Float.NEGATIVE_INFINITY);
      for (int branch = 0; branch < seen; branch++) {
        if (touches(panel, branch)) {
          score(keyHead, panel, branch, tile, branchScores, fromRow, untilRow);
          merge(panel, branch, fromRow, untilRow);
        }
      }
    }
    sum(keyHead, panel, tile, fromRow, untilRow);
  }

  /// Lets the last position of a panel see the keys that each of its rows chooses.
  ///
  /// @param panel whose last position is the last query of a step, and which has seen the branches
  void select(int keyHead, Panel panel) {
    KeySelection selection = Objects.requireNonNull(plan.selection());
    int first = (panel.positions() - 1) * panel.group();
    int end = panel.rows();
    Bounds keys = selection.candidates().region().keys(panel.lastPosition());
    BestKeys[] best = new BestKeys[end - first];
    Arrays.setAll(best, _ -> new BestKeys(selection.count(), keys.until() - keys.from()));
    for (long tile = keys.from() / Kernels.KEYS; tile * Kernels.KEYS < keys.until(); tile++) {
      scoreCandidates(keyHead, panel, tile, first, end);
      int from = (int) Math.max(0, keys.from() - tile * Kernels.KEYS);
      int until = (int) Math.min(Kernels.KEYS, keys.until() - tile * Kernels.KEYS);
      for (int row = first; row < end; row++) {
        best[row - first].take(scores, row * Kernels.KEYS, from, until, tile * Kernels.KEYS);
      }
    }
    for (int row = first; row < end; row++) {
      see(keyHead, panel, row, best[row - first]);
    }
  }

  // Of rows `[first, end)`, and of those that the product takes with them.
  private void scoreCandidates(int keyHead, Panel panel, long tile, int first, int end) {
    Arrays.fill(keysReady, false);
    boolean single = panel.rows() <= Kernels.SINGLE_ROWS;
    int fromRow = single ? first : first / Kernels.ROWS * Kernels.ROWS;
    score(keyHead, panel, seen, tile, scores, fromRow, single ? end : Panel.aligned(end));
  }

  // The chosen keys of one row: their scores as those of a tile, their values one by one.
  private void see(int keyHead, Panel panel, int row, BestKeys best) {
    PageTable table = tables[tables.length - 1];
    int at = row * Kernels.KEYS;
    for (int from = 0; from < best.count(); from += Kernels.KEYS) {
      int count = Math.min(Kernels.KEYS, best.count() - from);
      Arrays.fill(scores, at, at + Kernels.KEYS, Float.NEGATIVE_INFINITY);
      for (int n = 0; n < count; n++) {
        scores[at + n] = best.score(from + n);
      }
      kernels.weigh(panel.softmax(), scores, row, row + 1);
      float[] weights = Arrays.copyOfRange(scores, at, at + Kernels.KEYS);
      for (int n = 0; n < count; n++) {
        long key = best.key(from + n);
        Arrays.fill(scores, at, at + Kernels.KEYS, 0);
        scores[at + (int) (key % Kernels.KEYS)] = weights[n];
        MemorySegment page = page(table, key / Kernels.KEYS);
        kernels.sumRow(table.layout(), page, keyHead, scores, row, panel.softmax().weighted());
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

  private boolean touches(Panel panel, int branch) {
    for (int position = 0; position < panel.positions(); position++) {
      if (until[branch * most + position] > from[branch * most + position]) {
        return true;
      }
    }
    return false;
  }

  private void mask(Panel panel, int branch, int fromRow, int untilRow) {
    for (int row = fromRow; row < untilRow; row++) {
      int position = row / panel.group();
      boolean real = position < panel.positions();
      int begin = real ? from[branch * most + position] : 0;
      int end = real ? until[branch * most + position] : 0;
      int at = row * Kernels.KEYS;
      Arrays.fill(scores, at, at + begin, Float.NEGATIVE_INFINITY);
      Arrays.fill(scores, at + Math.max(begin, end), at + Kernels.KEYS, Float.NEGATIVE_INFINITY);
    }
  }

  private void merge(Panel panel, int branch, int fromRow, int untilRow) {
    int end = Math.min(untilRow, panel.rows());
    for (int row = fromRow; row < end; row++) {
      int run = branch * most + row / panel.group();
      int at = row * Kernels.KEYS + from[run];
      System.arraycopy(branchScores, at, scores, at, Math.max(0, until[run] - from[run]));
    }
  }

  private void score(
      int keyHead, Panel panel, int branch, long tile, float[] target, int fromRow, int untilRow) {
    float[] queries = panel.queries(branch, tile * Kernels.KEYS);
    if (placed[branch] && untilRow - fromRow <= Kernels.SINGLE_ROWS) {
      PageTable table = tables[branch];
      for (int row = fromRow; row < untilRow; row++) {
        kernels.scoreRow(table.layout(), page(table, tile), keyHead, queries, row, target);
      }
    } else {
      kernels.multiply(
          new Kernels.Product(queries, keys(keyHead, branch, tile), target, size, Kernels.KEYS),
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
              panel.bias(linear, branches.get(branch), tile * Kernels.KEYS),
              target,
              fromRow,
              untilRow);
      case DistanceBias _, FireBias _ ->
          biases.get(branch).add(panel, tile * Kernels.KEYS, target, fromRow, untilRow);
    }
  }

  private void sum(int keyHead, Panel panel, long tile, int fromRow, int untilRow) {
    kernels.weigh(panel.softmax(), scores, fromRow, untilRow);
    PageTable table = tables[tables.length - 1];
    if (untilRow - fromRow <= Kernels.SINGLE_ROWS) {
      for (int row = fromRow; row < untilRow; row++) {
        kernels.sumRow(
            table.layout(), page(table, tile), keyHead, scores, row, panel.softmax().weighted());
      }
      return;
    }
    if (!valuesReady) {
      read(table, keyHead, tile, values);
      valuesReady = true;
    }
    kernels.multiply(
        new Kernels.Product(scores, values, panel.softmax().weighted(), Kernels.KEYS, width),
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
    KeyPlacement placement = placements.get(branch);
    if (!placement.map().equals(QueryKeyMap.IDENTITY)) {
      map(placement.map(), target);
    }
    if (placement.turns()) {
      float[] table = phases.byPair(placement.turn(), tile);
      kernels.turnKeys(target, table, placement.turn().rotary().pairs());
    }
    return target;
  }

  private void map(QueryKeyMap map, float[] target) {
    float[] one = new float[size];
    for (int key = 0; key < Kernels.KEYS; key++) {
      for (int channel = 0; channel < size; channel++) {
        one[channel] = target[channel * Kernels.KEYS + key];
      }
      HeadMaps.key(map, one, 0, size);
      for (int channel = 0; channel < size; channel++) {
        target[channel * Kernels.KEYS + key] = one[channel];
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

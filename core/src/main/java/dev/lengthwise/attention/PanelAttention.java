package dev.lengthwise.attention;

import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.Region;
import dev.lengthwise.position.ScoreBias;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Attention of some panels of one key head to a run of tiles: the inner loop of
/// [VectorAttention], with the scratch memory of one thread.
///
/// A tile is the keys and values of one page. It is decoded at most once for all panels, and keys
/// are turned only where the pages do not hold them turned. Tiles that no branch touches are not
/// read; a branch that holds a whole tile writes the scores directly; only boundary tiles compute
/// more than one branch, and only the rows that see something of them.
final class PanelAttention {

  private final AttentionPlan plan;
  private final int size;
  private final int width;
  private final PhaseCache phases;
  private final Kernels kernels = Kernels.best();
  private final float[][] keys; // for each branch [size, KEYS]
  private final float[][] keysOfBranch; // those of another branch where placements are the same
  private final boolean[] keysReady;
  private final float[] values; // [⌈width / STRIDE⌉, KEYS, STRIDE]
  private boolean valuesReady;
  private final float[] scores; // [rows, KEYS]
  private final float[] branchScores; // [rows, KEYS]
  private final int[] from; // [branches, positions]: which keys of a tile a position sees
  private final int[] until;
  private final int most; // positions of a panel

  PanelAttention(VectorCall call, PhaseCache phases) {
    this.plan = call.plan();
    this.size = call.size();
    this.width = PageLayout.width(size);
    this.phases = phases;
    int branches = plan.branches().size();
    this.keys = new float[branches][size * Kernels.KEYS];
    this.keysOfBranch = new float[branches][];
    this.keysReady = new boolean[branches];
    int strides = (width + Kernels.STRIDE - 1) / Kernels.STRIDE;
    this.values = new float[strides * Kernels.KEYS * Kernels.STRIDE];
    this.most = Panel.positionsOf(call.group());
    int rows = Panel.aligned(most * call.group());
    this.scores = new float[rows * Kernels.KEYS];
    this.branchScores = branches == 1 ? scores : new float[rows * Kernels.KEYS];
    this.from = new int[branches * most];
    this.until = new int[branches * most];
  }

  /// Whether this can serve `call`.
  boolean fits(VectorCall call) {
    return plan.equals(call.plan())
        && size == call.size()
        && most == Panel.positionsOf(call.group());
  }

  /// Lets `panels` see the tiles `[firstTile, untilTile)`.
  void attend(VectorCall call, int keyHead, Panel[] panels, long firstTile, long untilTile) {
    for (long tile = next(panels, firstTile); tile < untilTile; tile = next(panels, tile + 1)) {
      Arrays.fill(keysReady, false);
      valuesReady = false;
      for (Panel panel : panels) {
        visit(call, keyHead, panel, tile);
      }
    }
  }

  // The first tile from `tile` on that some branch of some panel touches.
  private long next(Panel[] panels, long tile) {
    long next = Long.MAX_VALUE;
    for (Panel panel : panels) {
      for (int branch = 0; branch < keys.length; branch++) {
        long until = panel.untilKey(branch);
        if (until > tile * Kernels.KEYS) {
          next = Math.min(next, Math.max(tile, panel.firstKey(branch) / Kernels.KEYS));
        }
      }
    }
    return next;
  }

  private void visit(VectorCall call, int keyHead, Panel panel, long tile) {
    long firstKey = tile * Kernels.KEYS;
    long lastKey = firstKey + Kernels.KEYS - 1;
    int touching = 0;
    int last = -1;
    for (int branch = 0; branch < keys.length; branch++) {
      Region region = plan.branches().get(branch).region();
      Region.Coverage coverage =
          region.coverage(panel.firstPosition(), panel.lastPosition(), firstKey, lastKey);
      if (coverage == Region.Coverage.FULL) {
        int rows = panel.rows() <= Kernels.SINGLE_ROWS ? panel.rows() : Panel.aligned(panel.rows());
        score(call, keyHead, panel, branch, tile, scores, 0, rows);
        sum(call, keyHead, panel, tile, 0, rows);
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
      visitBoundary(call, keyHead, panel, tile, touching == 1 ? last : -1);
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

  private void visitBoundary(VectorCall call, int keyHead, Panel panel, long tile, int only) {
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
      score(call, keyHead, panel, only, tile, scores, fromRow, untilRow);
      mask(panel, only, fromRow, untilRow);
    } else {
      Arrays.fill(scores, fromRow * Kernels.KEYS, untilRow * Kernels.KEYS, Float.NEGATIVE_INFINITY);
      for (int branch = 0; branch < keys.length; branch++) {
        if (touches(panel, branch)) {
          score(call, keyHead, panel, branch, tile, branchScores, fromRow, untilRow);
          merge(panel, branch, fromRow, untilRow);
        }
      }
    }
    sum(call, keyHead, panel, tile, fromRow, untilRow);
  }

  private boolean seesSomething(int position) {
    for (int branch = 0; branch < keys.length; branch++) {
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
      VectorCall call,
      int keyHead,
      Panel panel,
      int branch,
      long tile,
      float[] target,
      int fromRow,
      int untilRow) {
    float[] placed = keys(call.pages(), keyHead, branch, tile);
    kernels.multiply(
        new Kernels.Product(panel.queries(branch), placed, target, size, Kernels.KEYS),
        fromRow,
        untilRow,
        false);
    switch (plan.bias()) {
      case ScoreBias.None _ -> {}
      case ScoreBias.Linear linear ->
          kernels.addBias(
              panel.bias(linear, plan.branches().get(branch), tile * Kernels.KEYS),
              target,
              fromRow,
              untilRow);
    }
  }

  private void sum(
      VectorCall call, int keyHead, Panel panel, long tile, int fromRow, int untilRow) {
    kernels.weigh(panel.softmax(), scores, fromRow, untilRow);
    if (!valuesReady) {
      read(call.pages().values(), keyHead, tile, values);
      valuesReady = true;
    }
    kernels.multiply(
        new Kernels.Product(scores, values, panel.softmax().weighted(), Kernels.KEYS, width),
        fromRow,
        untilRow,
        true);
  }

  // The keys of the tile as `branch` wants them: [size, KEYS].
  private float[] keys(KeyValuePages pages, int keyHead, int branch, long tile) {
    if (!keysReady[branch]) {
      KeyPlacement placement = KeyPlacement.of(plan, plan.branches().get(branch));
      keysOfBranch[branch] = placedKeys(pages, keyHead, branch, tile, placement);
      keysReady[branch] = true;
    }
    return keysOfBranch[branch];
  }

  private float[] placedKeys(
      KeyValuePages pages, int keyHead, int branch, long tile, KeyPlacement placement) {
    PageTable placed = pages.keysAt(placement);
    float[] target = keys[branch];
    if (placed != null) {
      read(placed, keyHead, tile, target);
      return target;
    }
    PageTable raw = pages.keysAt(KeyPlacement.RAW);
    if (raw == null) {
      throw new IllegalStateException("these pages were made for another plan");
    }
    read(raw, keyHead, tile, target);
    if (placement.normalised()) {
      normalise(target);
    }
    if (placement.turns()) {
      float[] table = phases.byPair(placement.rotary(), placement.map(), tile);
      kernels.turnKeys(target, table, placement.rotary().pairs());
    }
    return target;
  }

  private void normalise(float[] target) {
    float[] one = new float[size];
    for (int key = 0; key < Kernels.KEYS; key++) {
      for (int channel = 0; channel < size; channel++) {
        one[channel] = target[channel * Kernels.KEYS + key];
      }
      Normalisation.apply(one, 0, size);
      for (int channel = 0; channel < size; channel++) {
        target[channel * Kernels.KEYS + key] = one[channel];
      }
    }
  }

  private void read(PageTable table, int keyHead, long tile, float[] target) {
    @Nullable MemorySegment page = table.page(tile);
    if (page == null) {
      throw new IllegalStateException("a page that is seen was dropped: " + tile);
    }
    kernels.read(table.layout(), page, keyHead, target);
  }
}

package dev.lengthwise.attention.vector;

import dev.lengthwise.attention.Attention;
import dev.lengthwise.attention.CacheType;
import dev.lengthwise.attention.HeadRows;
import dev.lengthwise.attention.KeySpan;
import dev.lengthwise.attention.KeyValueRows;
import dev.lengthwise.attention.KeyValueShape;
import dev.lengthwise.attention.KeyValues;
import dev.lengthwise.attention.QueryRows;
import dev.lengthwise.attention.ReadingSteps;
import dev.lengthwise.cache.KeyRotation;
import dev.lengthwise.cache.KeyValuePages;
import dev.lengthwise.cache.PageForecast;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.Branch;
import dev.lengthwise.position.ScoreRule;
import dev.lengthwise.position.Weighting;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// The engine for inference on CPUs: online softmax over tiles of 64 keys, on the Vector API, in
/// single precision, over pages of keys and values.
///
/// A task is some query blocks of all heads that share a key head. With few queries it is some
/// neighbouring heads, or, of many keys, a part of the keys for the queries of all heads: pages
/// are then read in the order of memory, and parts joined in that of the text. How work is cut
/// depends on sizes only, and every task is computed by one thread: the same input gives the same
/// bits at any number of threads.
public final class VectorAttention implements Attention {

  /// Query blocks that share the decoding of a tile.
  private static final int QUERY_BLOCKS = 4;

  /// Most tasks of a call with few rows and few keys: each is some neighbouring heads, whose keys
  /// and values are neighbours in memory. More tasks would be shorter than it takes to share them
  /// out.
  private static final int HEAD_TASKS = 8;

  /// Tiles of one part of the keys: 512 keys of all heads, which take some hundred microseconds.
  private static final int PART = 8;

  private static final long PART_KEYS = (long) PART * AttentionKernels.KEYS;

  /// Most parts whose query blocks are kept from call to call, for single tokens: those of 65,536
  /// keys, some megabytes a thread.
  private static final int KEPT_PARTS = 128;

  /// Most plans whose scratch memory a thread keeps: layers of one model have two or three.
  private static final int KEPT_PLANS = 4;

  private final Workers workers;
  private final PhaseCache phases = new PhaseCache();
  private final DistanceTables biases = new DistanceTables();

  // Scratch memory of each thread, kept from call to call; that of the plan before comes first.
  @SuppressWarnings("ThreadLocalUsage") // that of an engine goes with the engine
  private final ThreadLocal<Deque<Scratch>> scratches = ThreadLocal.withInitial(ArrayDeque::new);

  // Query blocks of one head, those of few rows of some heads each, and those of all heads for each
  // part of the keys (the caller's): a token at a great depth would make thousands of them.
  private record Scratch(
      BlockAttention attention,
      QueryBlock[] queryBlocks,
      QueryBlock[] ofHeads,
      List<QueryBlock[]> ofParts) {
    boolean fits(VectorCall call) {
      return attention.fits(call) && queryBlocks[0].fits(call) && ofHeads.length == mostHeads(call);
    }

    static int mostHeads(VectorCall call) {
      return Math.ceilDiv(call.pages().heads(), HEAD_TASKS);
    }

    QueryBlock[] ofPart(int part, VectorCall call, PhaseCache phases) {
      int heads = call.pages().heads();
      boolean kept = part < KEPT_PARTS && call.rows() == 1;
      if (kept && part < ofParts.size() && ofParts.get(part).length == heads) {
        return ofParts.get(part);
      }
      QueryBlock[] made = new QueryBlock[heads];
      Arrays.setAll(made, _ -> new QueryBlock(call, phases, call.rows()));
      if (kept && part < ofParts.size()) {
        ofParts.set(part, made);
      } else if (kept) {
        ofParts.add(made);
      }
      return made;
    }
  }

  /// An engine that shares its work among `workers`.
  public VectorAttention(Workers workers) {
    this.workers = workers;
  }

  @Override
  public KeyValuePages newStore(@Nullable AttentionPlan plan, KeyValueShape shape) {
    return new KeyValuePages(shape, keyRotations(plan), phases::byToken, workers);
  }

  private static List<KeyRotation> keyRotations(@Nullable AttentionPlan plan) {
    return plan == null ? List.of(KeyRotation.RAW) : KeyRotation.of(plan);
  }

  @Override
  public long storeBytes(
      AttentionPlan plan, boolean lasts, KeyValueShape shape, ReadingSteps steps) {
    return new PageForecast(shape, keyRotations(lasts ? plan : null), steps).bytes(plan);
  }

  @Override
  public boolean supports(ScoreRule rule) {
    return rule.weighting() == Weighting.SOFTMAX;
  }

  @Override
  public boolean seesAhead() {
    return false;
  }

  @Override
  public Tensor attend(AttentionPlan plan, QueryRows queries, KeyValues keyValues) {
    Tensor output =
        torch.empty(
            new long[] {queries.batch(), queries.rows(), queries.heads(), valueSize(keyValues)});
    HeadRows queryRows = HeadRows.of(queries.tensor());
    HeadRows outputRows = HeadRows.of(output);
    for (int batch = 0; batch < queries.batch(); batch++) {
      KeyValuePages pages = pagesOf(plan, keyValues, batch);
      try {
        attend(plan, queryRows, batch, queries.firstPosition(), pages, outputRows);
      } finally {
        if (pages != keyValues) {
          pages.close();
        }
      }
    }
    return output;
  }

  @Override
  public boolean attendsInMemory() {
    return true;
  }

  @Override
  public void attend(
      AttentionPlan plan,
      HeadRows queries,
      long firstPosition,
      KeyValues keyValues,
      HeadRows output) {
    if (!(keyValues instanceof KeyValuePages pages) || queries.batch() != 1) {
      throw new IllegalArgumentException("rows in memory are of one text, and attend to pages");
    }
    attend(plan, queries, 0, firstPosition, pages, output);
  }

  private void attend(
      AttentionPlan plan,
      HeadRows queries,
      int batch,
      long firstPosition,
      KeyValuePages pages,
      HeadRows output) {
    if (plan.rule().weighting() != Weighting.SOFTMAX) {
      throw new IllegalArgumentException("the kernels have no weights but softmax");
    }
    plan.rule().requireHeads(queries.heads());
    checkShapes(queries, pages, output);
    int group = queries.heads() / pages.heads();
    attend(
        new VectorCall(plan, queries, output, batch, pages, group, firstPosition, queries.rows()));
  }

  // Kernels do not check.
  private static void checkShapes(HeadRows queries, KeyValuePages pages, HeadRows output) {
    KeyValueShape shape = pages.shape();
    if (queries.headSize() != shape.headSize()
        || output.headSize() != shape.valueSize()
        || queries.heads() % shape.heads() != 0
        || output.heads() != queries.heads()
        || output.rows() != queries.rows()
        || output.batch() != queries.batch()) {
      throw new IllegalArgumentException(
          "%d rows of %d heads of %d channels cannot attend to %s and give %d rows of %d heads of %d"
              .formatted(
                  queries.rows(),
                  queries.heads(),
                  queries.headSize(),
                  shape,
                  output.rows(),
                  output.heads(),
                  output.headSize()));
    }
  }

  private static long valueSize(KeyValues keyValues) {
    return keyValues instanceof KeyValuePages pages
        ? pages.shape().valueSize()
        : keyValues.rows().values().size(3);
  }

  private KeyValuePages pagesOf(AttentionPlan plan, KeyValues keyValues, int batch) {
    return keyValues instanceof KeyValuePages pages ? pages : paged(plan, keyValues.rows(), batch);
  }

  private KeyValuePages paged(AttentionPlan plan, KeyValueRows rows, int batch) {
    KeySpan only = rows.spans().getFirst();
    if (rows.spans().size() > 1 || only.firstPosition() > 0) {
      throw new IllegalArgumentException("tensors of keys must begin with the text and be whole");
    }
    int keySize = (int) rows.keys().size(3);
    int valueSize = (int) rows.values().size(3);
    KeyValuePages pages =
        newStore(plan, new KeyValueShape(rows.heads(), keySize, valueSize, CacheType.F32));
    pages.append(
        rows.keys().select(0, batch).narrow(0, only.firstRow(), only.count()),
        rows.values().select(0, batch).narrow(0, only.firstRow(), only.count()));
    return pages;
  }

  private void attend(VectorCall call) {
    long tiles = (call.firstPosition() + call.rows() - 1) / AttentionKernels.KEYS + 1;
    if (call.rows() * call.group() > AttentionKernels.FEW_ROWS) {
      attendInBlocks(call, tiles);
    } else if (tiles > PART) {
      attendInParts(call);
    } else {
      attendInHeads(call, tiles);
    }
  }

  private void attendInHeads(VectorCall call, long tiles) {
    int heads = call.pages().heads();
    int tasks = Math.min(heads, HEAD_TASKS);
    workers.run(
        tasks,
        () -> scratch(call),
        (task, scratch) -> {
          int first = task * heads / tasks;
          QueryBlock[] own = new QueryBlock[(task + 1) * heads / tasks - first];
          for (int n = 0; n < own.length; n++) {
            own[n] = scratch.ofHeads()[n];
            own[n].start(call, first + n, 0, call.rows());
          }
          scratch.attention().attendHeads(first, own, 0, tiles);
          for (int n = 0; n < own.length; n++) {
            finish(call, scratch.attention(), first + n, own[n]);
          }
        });
  }

  private void attendInBlocks(VectorCall call, long tiles) {
    int heads = call.pages().heads();
    int perPanel = QueryBlock.positionsOf(call.group());
    int perBlock = QUERY_BLOCKS * perPanel;
    int blocks = (call.rows() + perBlock - 1) / perBlock;
    workers.run(
        heads * blocks,
        () -> scratch(call),
        (task, scratch) -> {
          // Later blocks see more keys: they go first, so that threads end together.
          int firstRow = (blocks - 1 - task / heads) * perBlock;
          int rows = Math.min(perBlock, call.rows() - firstRow);
          QueryBlock[] queryBlocks = new QueryBlock[(rows + perPanel - 1) / perPanel];
          for (int index = 0; index < queryBlocks.length; index++) {
            queryBlocks[index] = scratch.queryBlocks()[index];
            int first = firstRow + index * perPanel;
            queryBlocks[index].start(
                call, task % heads, first, Math.min(perPanel, firstRow + rows - first));
          }
          scratch.attention().attend(task % heads, queryBlocks, 0, tiles);
          for (QueryBlock queryBlock : queryBlocks) {
            finish(call, scratch.attention(), task % heads, queryBlock);
          }
        });
  }

  private void attendInParts(VectorCall call) {
    int heads = call.pages().heads();
    long[] visible = visibleParts(call);
    int parts = visible.length;
    Scratch callers = scratch(call);
    QueryBlock[][] seen = new QueryBlock[parts][];
    Arrays.setAll(seen, part -> callers.ofPart(part, call, phases));
    workers.run(
        parts,
        () -> scratch(call).attention(),
        (part, attention) -> {
          for (int head = 0; head < heads; head++) {
            seen[part][head].start(call, head, 0, call.rows());
          }
          long firstTile = visible[part] * PART;
          attention.attendHeads(0, seen[part], firstTile, firstTile + PART);
        });
    for (int head = 0; head < heads; head++) {
      for (int part = 1; part < parts; part++) {
        seen[0][head].add(seen[part][head]);
      }
    }
    if (call.plan().selection() == null) { // a query block then costs less than to share it out
      Arrays.stream(seen[0]).forEach(QueryBlock::finish);
      return;
    }
    workers.run(
        heads,
        () -> scratch(call).attention(),
        (head, attention) -> finish(call, attention, head, seen[0][head]));
  }

  private static void finish(
      VectorCall call, BlockAttention attention, int head, QueryBlock queryBlock) {
    if (call.plan().selection() != null && queryBlock.lastPosition() == call.lastPosition()) {
      attention.select(head, queryBlock);
    }
    queryBlock.finish();
  }

  // The parts of the keys of which some query may see something, in the order of the text: with a
  // window or a Λ-shaped mask as many at any length.
  private static long[] visibleParts(VectorCall call) {
    SortedSet<Long> parts = new TreeSet<>();
    for (Branch branch : call.plan().branches()) {
      for (int row = 0; row < call.rows(); row++) {
        Bounds keys = branch.region().keys(call.firstPosition() + row);
        for (long part = keys.from() / PART_KEYS; part * PART_KEYS < keys.until(); part++) {
          parts.add(part);
        }
      }
    }
    return parts.stream().mapToLong(Long::longValue).toArray();
  }

  private Scratch scratch(VectorCall call) {
    Deque<Scratch> known = scratches.get();
    Scratch found = known.peekFirst();
    if (found == null || !found.fits(call)) {
      found = known.stream().filter(other -> other.fits(call)).findFirst().orElse(null);
      if (found != null) {
        known.remove(found);
      } else {
        found = newScratch(call);
      }
      known.addFirst(found);
      if (known.size() > KEPT_PLANS) {
        known.removeLast();
      }
    }
    found.attention().start(call);
    return found;
  }

  private Scratch newScratch(VectorCall call) {
    QueryBlock[] queryBlocks = new QueryBlock[QUERY_BLOCKS];
    for (int index = 0; index < QUERY_BLOCKS; index++) {
      queryBlocks[index] = new QueryBlock(call, phases, QueryBlock.positionsOf(call.group()));
    }
    QueryBlock[] ofHeads = new QueryBlock[Scratch.mostHeads(call)];
    for (int head = 0; head < ofHeads.length; head++) {
      ofHeads[head] =
          new QueryBlock(call, phases, Math.max(1, AttentionKernels.FEW_ROWS / call.group()));
    }
    return new Scratch(
        new BlockAttention(call, phases, biases), queryBlocks, ofHeads, new ArrayList<>());
  }
}

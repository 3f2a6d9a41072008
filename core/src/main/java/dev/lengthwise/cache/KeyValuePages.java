package dev.lengthwise.cache;

import dev.lengthwise.attention.HeadMaps;
import dev.lengthwise.attention.HeadRows;
import dev.lengthwise.attention.HeldTokens;
import dev.lengthwise.attention.KeySpan;
import dev.lengthwise.attention.KeyValueRows;
import dev.lengthwise.attention.KeyValueShape;
import dev.lengthwise.attention.KeyValueStore;
import dev.lengthwise.attention.Rotation;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.QueryKeyMap;
import dev.lengthwise.position.Retention;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// Keys and values of one text in pages of 64 tokens, in the order of the text.
///
/// Keys are kept once for each [KeyRotation] that the plan needs: already rotated where the plan
/// stays the same, as they are where it changes with the length, so that nothing can go stale.
/// Each rotation and the values drop pages by themselves: under ReRoPE the rotated keys are a
/// window and the raw ones stay, under LM-Infinite it is the other way round.
///
/// Holds native memory until closed. Not for use by several threads at once, except that kernels
/// read while nothing is written.
public final class KeyValuePages implements KeyValueStore {

  /// How many numbers make sharing out an append worth while.
  private static final long MANY = 1L << 14;

  private static final @Nullable CompiledPageWriter COMPILED =
      CompiledPageWriter.best().orElse(null);

  private final KeyValueShape shape;
  private final List<KeyRotation> keyRotations;
  private final List<PageTable> keys; // one for each rotation
  private final PageTable values;
  private final KeyRotator rotator;
  private final @Nullable Workers workers;
  private final @Nullable Phases[]
      phases; // of each rotation, those of the page that was written last
  private long length;

  // Of the tokens of a page; whole or not seen at all by threads that share out the writing.
  private record Phases(long page, float[] table) {}

  /// Empty pages.
  ///
  /// @param keyRotations the forms of keys, each kept by itself
  /// @param rotator says how keys turn to their places
  /// @param workers share out the writing of many keys; `null` where the caller's thread writes
  public KeyValuePages(
      KeyValueShape shape,
      List<KeyRotation> keyRotations,
      KeyRotator rotator,
      @Nullable Workers workers) {
    this.shape = shape;
    this.keyRotations = List.copyOf(keyRotations);
    this.rotator = rotator;
    this.workers = workers;
    this.phases = new Phases[keyRotations.size()];
    this.values = table(PageLayout.Kind.VALUES);
    this.keys = keyRotations.stream().map(_ -> table(PageLayout.Kind.KEYS)).toList();
  }

  private KeyValuePages(KeyValuePages origin) {
    this.shape = origin.shape;
    this.keyRotations = origin.keyRotations;
    this.rotator = origin.rotator;
    this.workers = origin.workers;
    this.phases = origin.phases.clone();
    this.values = origin.values.fork();
    this.keys = origin.keys.stream().map(PageTable::fork).toList();
    this.length = origin.length;
  }

  /// Pages of a text of its own that begins with the same tokens. Pages are shared until one of
  /// both writes into them; the two may be used by different threads.
  @Override
  public KeyValuePages fork() {
    return new KeyValuePages(this);
  }

  /// Pages of keys that are not rotated, for any engine.
  public static KeyValuePages unrotated(KeyValueShape shape) {
    return new KeyValuePages(shape, List.of(KeyRotation.RAW), (_, _) -> new float[0], null);
  }

  /// Says how keys turn: an engine, which lies above the cache.
  @FunctionalInterface
  public interface KeyRotator {

    /// Phases of the tokens of a page.
    ///
    /// @return `[KEYS, 2, pairs]`: for each token all cosines, then all sines
    float[] phases(Rotation rotation, long page);
  }

  private PageTable table(PageLayout.Kind kind) {
    int size = kind == PageLayout.Kind.KEYS ? shape.headSize() : shape.valueSize();
    return new PageTable(new PageLayout(kind, shape.type(), shape.heads(), size));
  }

  @Override
  public int heads() {
    return shape.heads();
  }

  /// Sizes and encoding.
  public KeyValueShape shape() {
    return shape;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public HeldTokens held() {
    return new HeldTokens(
        (long) values.prefixPages() * PageLayout.KEYS,
        values.firstRecent() * PageLayout.KEYS,
        length);
  }

  @Override
  public long bytes() {
    return values.bytes() + keys.stream().mapToLong(PageTable::bytes).sum();
  }

  @Override
  public long heldBytes() {
    return values.heldBytes() + keys.stream().mapToLong(PageTable::heldBytes).sum();
  }

  @Override
  public void append(Tensor newKeys, Tensor newValues) {
    Tensor readKeys = readable(newKeys);
    Tensor readValues = readable(newValues);
    try {
      append(HeadRows.ofText(readKeys), HeadRows.ofText(readValues));
    } finally { // rows are read from their memory
      Reference.reachabilityFence(readKeys);
      Reference.reachabilityFence(readValues);
    }
  }

  // Other engines compute on other devices, or in bf16.
  private static Tensor readable(Tensor rows) {
    Tensor near = rows.is_cpu() ? rows : rows.cpu();
    return near.scalar_type().intern() == ScalarType.Float ? near : near.to(ScalarType.Float);
  }

  @Override
  public void append(HeadRows newKeys, HeadRows newValues) {
    int tokens = newKeys.rows();
    checkShape(newKeys, tokens, shape.headSize());
    checkShape(newValues, tokens, shape.valueSize());
    long last = (length + tokens - 1) / PageLayout.KEYS;
    for (long page = length / PageLayout.KEYS; page <= last; page++) {
      values.prepare(page);
      for (PageTable table : keys) {
        table.prepare(page);
      }
    }
    write(newKeys, newValues, tokens);
    length += tokens;
  }

  private void checkShape(HeadRows rows, int tokens, int size) {
    if (rows.batch() != 1
        || rows.rows() != tokens
        || rows.heads() != shape.heads()
        || rows.headSize() != size) {
      throw new IllegalArgumentException(
          "these pages take one text of %d heads of %d channels, found %d of %d heads of %d"
              .formatted(shape.heads(), size, rows.batch(), rows.heads(), rows.headSize()));
    }
  }

  private void write(HeadRows keyRows, HeadRows valueRows, int tokens) {
    if (workers != null && (long) tokens * shape.heads() * shape.headSize() > MANY) {
      workers.run(
          shape.heads(),
          this::newScratch,
          (head, scratch) -> write(head, 1, keyRows, valueRows, tokens, scratch));
    } else {
      float[] scratch = newScratch();
      write(0, shape.heads(), keyRows, valueRows, tokens, scratch);
    }
  }

  private float[] newScratch() {
    return new float[Math.max(shape.headSize(), shape.valueSize())];
  }

  // Of neighbouring heads.
  private void write(
      int head, int heads, HeadRows keyRows, HeadRows valueRows, int tokens, float[] scratch) {
    for (int token = 0; token < tokens; token++) {
      for (int index = 0; index < keyRotations.size(); index++) {
        float[] turns = phases(index, (length + token) / PageLayout.KEYS);
        QueryKeyMap map = keyRotations.get(index).map();
        write(keys.get(index), map, turns, head, heads, keyRows, token, scratch);
      }
      write(values, QueryKeyMap.IDENTITY, null, head, heads, valueRows, token, scratch);
    }
  }

  // How keys turn that lie in a page; `null` where they do not. To ask the engine for each token
  // would compare long keys.
  private float @Nullable [] phases(int index, long page) {
    KeyRotation rotation = keyRotations.get(index);
    if (!rotation.rotates()) {
      return null;
    }
    Phases known = phases[index];
    if (known == null || known.page != page) {
      known = new Phases(page, rotator.phases(rotation.rotation(), page));
      phases[index] = known;
    }
    return known.table;
  }

  private void write(
      PageTable table,
      QueryKeyMap map,
      float @Nullable [] turns,
      int head,
      int heads,
      HeadRows rows,
      int row,
      float[] scratch) {
    long position = length + row;
    PageLayout layout = table.layout();
    MemorySegment page = Objects.requireNonNull(table.page(position / PageLayout.KEYS));
    int token = (int) (position % PageLayout.KEYS);
    if (COMPILED != null
        && CompiledPageWriter.takes(layout)
        && map.equals(QueryKeyMap.IDENTITY)
        && rows.memory().isNative()) {
      COMPILED.write(layout, page, head, heads, token, rows, row, turns);
      return;
    }
    for (int each = head; each < head + heads; each++) {
      rows.read(0, each, row, 1, scratch, 0);
      HeadMaps.key(map, scratch, 0, layout.size());
      if (turns != null) {
        PageWriter.turn(scratch, 0, turns, token, turns.length / (2 * PageLayout.KEYS));
      }
      PageWriter.write(layout, page, each, token, scratch, 0);
    }
  }

  @Override
  public void drop(AttentionPlan plan, long oldestQuery) {
    drop(values, plan.retention(), oldestQuery);
    for (int index = 0; index < keyRotations.size(); index++) {
      drop(keys.get(index), retention(plan, index), oldestQuery);
    }
  }

  /// Goes on to the first page that a query at `query` or later sees under `plan`; pages before it
  /// are never written. Does nothing while a page of tokens that stay for ever is still to come.
  @Override
  public void skipUnseen(AttentionPlan plan, long query) {
    Retention retention = plan.retention();
    long page = Math.min(retention.firstVisible(query), query) / PageLayout.KEYS;
    boolean complete =
        length / PageLayout.KEYS >= Math.ceilDiv(retention.prefix(), PageLayout.KEYS);
    if (complete && page * PageLayout.KEYS > length) {
      length = page * PageLayout.KEYS;
      drop(plan, query);
    }
  }

  private Retention retention(AttentionPlan plan, int index) {
    return keyRotations.get(index).retention(plan, keyRotations.size() == 1);
  }

  private void drop(PageTable table, Retention retention, long oldestQuery) {
    if (retention.keepsAll()) {
      return;
    }
    long firstVisible = Math.min(retention.firstVisible(oldestQuery), length);
    table.drop(
        Math.ceilDiv(retention.prefix(), (long) PageLayout.KEYS), firstVisible / PageLayout.KEYS);
  }

  @Override
  public boolean holdsFor(AttentionPlan plan, long query) {
    boolean holds = holds(values, plan.retention(), query);
    for (int index = 0; index < keyRotations.size(); index++) {
      holds &= holds(keys.get(index), retention(plan, index), query);
    }
    return holds;
  }

  // Pages between the prefix and the recent ones are gone.
  private static boolean holds(PageTable table, Retention retention, long query) {
    long firstVisible = retention.firstVisible(query) / PageLayout.KEYS;
    return table.firstRecent() <= Math.max(table.prefixPages(), firstVisible);
  }

  @Override
  public void truncate(long newLength) {
    if (newLength < 0 || newLength > length) {
      throw new IllegalArgumentException("cannot go from length " + length + " to " + newLength);
    }
    length = newLength;
    long pages = Math.ceilDiv(length, PageLayout.KEYS);
    values.truncate(pages);
    keys.forEach(table -> table.truncate(pages));
  }

  /// The table of keys at `keyRotation`, or `null` where keys have to be placed when they are read.
  public @Nullable PageTable keysAt(KeyRotation keyRotation) {
    int index = keyRotations.indexOf(keyRotation);
    return index < 0 ? null : keys.get(index);
  }

  /// The table of values.
  public PageTable values() {
    return values;
  }

  @Override
  public KeyValueRows rows() {
    PageTable raw = keysAt(KeyRotation.RAW);
    if (raw == null) {
      throw new IllegalStateException("these pages hold rotated keys only");
    }
    List<KeySpan> spans = spans();
    int count = spans.stream().mapToInt(KeySpan::count).sum();
    return new KeyValueRows(tensor(raw, spans, count), tensor(values, spans, count), spans);
  }

  private List<KeySpan> spans() {
    List<KeySpan> spans = new ArrayList<>();
    int prefix = (int) Math.min(length, (long) values.prefixPages() * PageLayout.KEYS);
    long from = Math.max(prefix, values.firstRecent() * PageLayout.KEYS);
    if (prefix > 0) {
      spans.add(new KeySpan(0, 0, prefix));
    }
    if (from < length) {
      spans.add(new KeySpan(from, prefix, (int) (length - from)));
    }
    return spans;
  }

  // [1, count, heads, size of the table]
  private Tensor tensor(PageTable table, List<KeySpan> spans, int count) {
    PageLayout layout = table.layout();
    int size = layout.size();
    float[] rows = new float[count * shape.heads() * size];
    float[] decoded = new float[layout.decodedElements()];
    for (KeySpan span : spans) {
      for (long page = span.firstPosition() / PageLayout.KEYS;
          page * PageLayout.KEYS <= span.lastPosition();
          page++) {
        long start = page * PageLayout.KEYS;
        int tokens = (int) Math.min(PageLayout.KEYS, span.lastPosition() + 1 - start);
        int row = span.firstRow() + (int) (start - span.firstPosition());
        MemorySegment memory = table.page(page);
        for (int head = 0; head < shape.heads(); head++) {
          Arrays.fill(decoded, 0);
          if (memory != null) {
            PageReader.read(layout, memory, head, decoded);
          }
          for (int token = 0; token < tokens; token++) {
            int to = ((row + token) * shape.heads() + head) * size;
            for (int channel = 0; channel < size; channel++) {
              rows[to + channel] = decoded[layout.decodedElement(token, channel)];
            }
          }
        }
      }
    }
    return Tensor.create(rows, 1, count, shape.heads(), size);
  }

  /// Writes all pages that are held: the length (8 bytes), then the tables of the values and of
  /// the keys at each rotation.
  void write(DataOutput out) throws IOException {
    out.writeLong(length);
    values.write(out);
    for (PageTable table : keys) {
      table.write(out);
    }
  }

  /// Takes in what [#write] wrote of pages with the same sizes and rotations; these are empty.
  ///
  /// @throws IOException when there are other than `tokens` tokens, or something else
  void read(DataInput in, long tokens) throws IOException {
    long written = in.readLong();
    if (written != tokens) {
      throw new IOException("a layer has %d tokens in place of %d".formatted(written, tokens));
    }
    long pages = Math.ceilDiv(tokens, PageLayout.KEYS);
    values.read(in, pages);
    for (PageTable table : keys) {
      table.read(in, pages);
    }
    length = tokens;
  }

  @Override
  public void close() {
    values.release();
    keys.forEach(PageTable::release);
  }
}

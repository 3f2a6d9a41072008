package dev.lengthwise.cache;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Pages of one layout by their place in the text: a prefix that stays, and recent ones.
///
/// Page `b` holds tokens `[64 b, 64 b + 63]`. Dropped pages are used again; nothing is ever moved.
public final class PageTable {

  /// Pages are allocated several at once, up to about this many bytes.
  private static final long SLAB = 1L << 20;

  private static final long ALIGNMENT = 64; // a cache line

  private final PageLayout layout;
  private final Arena arena;
  private final Deque<MemorySegment> free = new ArrayDeque<>();
  private MemorySegment[] prefix = {};
  private @Nullable MemorySegment[] recent = new MemorySegment[4];
  private long firstRecent; // number of the page at recent[0]
  private int recentPages;
  private long allocated;

  PageTable(PageLayout layout, Arena arena) {
    this.layout = layout;
    this.arena = arena;
  }

  /// Where numbers lie in its pages.
  public PageLayout layout() {
    return layout;
  }

  /// Pages that are allocated in all where at most `inUse` are in use at once: as many again as
  /// there are, up to a slab.
  static long allocatedPages(PageLayout layout, long inUse) {
    long slab = slabPages(layout);
    long pages = 0;
    while (pages < inUse && pages < slab) {
      pages += Math.max(1, pages);
    }
    return pages >= inUse ? pages : pages + Math.ceilDiv(inUse - pages, slab) * slab;
  }

  private static long slabPages(PageLayout layout) {
    return Math.max(1, SLAB / layout.bytes());
  }

  /// Bytes that were allocated.
  long bytes() {
    return allocated;
  }

  /// Pages of the prefix.
  int prefixPages() {
    return prefix.length;
  }

  /// The first page after the prefix that is held.
  long firstRecent() {
    return firstRecent;
  }

  /// The memory of page `number`, or `null` where it was dropped or never written.
  public @Nullable MemorySegment page(long number) {
    if (number < prefix.length) {
      return prefix[(int) number];
    }
    long index = number - firstRecent;
    return index >= 0 && index < recentPages ? recent[(int) index] : null;
  }

  /// The memory of page `number`, the last one or the next after it.
  MemorySegment forWriting(long number) {
    MemorySegment known = page(number);
    if (known != null) {
      return known;
    }
    if (number != firstRecent + recentPages) {
      throw new IllegalStateException("pages are written one after the other");
    }
    if (recentPages == recent.length) {
      recent = Arrays.copyOf(recent, 2 * recent.length);
    }
    MemorySegment page = take();
    recent[recentPages++] = page;
    return page;
  }

  /// Drops every page that is neither among the first `kept` nor numbered `from` or more; where
  /// none is left, `from` is the next to be written.
  void drop(long kept, long from) {
    if (from <= Math.max(firstRecent, kept)) {
      return;
    }
    if (firstRecent == prefix.length && prefix.length < kept) {
      int grow = (int) Math.min(kept - prefix.length, recentPages);
      int before = prefix.length;
      prefix = Arrays.copyOf(prefix, before + grow);
      System.arraycopy(recent, 0, prefix, before, grow);
      shift(grow);
    }
    int dropped = Math.clamp(from - firstRecent, 0, recentPages);
    for (int index = 0; index < dropped; index++) {
      free.push(Objects.requireNonNull(recent[index]));
    }
    shift(dropped);
    if (recentPages == 0) {
      firstRecent = from;
    }
  }

  private void shift(int pages) {
    recentPages -= pages;
    firstRecent += pages;
    System.arraycopy(recent, pages, recent, 0, recentPages);
    Arrays.fill(recent, recentPages, recentPages + pages, null);
  }

  private MemorySegment take() {
    if (free.isEmpty()) {
      long inUse = allocated / layout.bytes();
      int pages = (int) Math.clamp(inUse, 1, slabPages(layout));
      // Zeroed: places that no token has filled yet are read, though with weight 0.
      MemorySegment slab = arena.allocate(pages * layout.bytes(), ALIGNMENT);
      allocated += slab.byteSize();
      for (int page = 0; page < pages; page++) {
        free.add(slab.asSlice(page * layout.bytes(), layout.bytes()));
      }
    }
    return free.pop();
  }
}

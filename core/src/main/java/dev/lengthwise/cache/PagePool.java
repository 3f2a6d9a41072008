package dev.lengthwise.cache;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;

/// Pages of one layout for the tables of one text and of those that were forked from it. A page is
/// free, or held by some of the tables; only a table that holds it alone may write into it.
final class PagePool {

  /// Pages are allocated several at once, up to about this many bytes.
  private static final long SLAB = 1L << 20;

  private static final long ALIGNMENT = 64; // a cache line

  private final PageLayout layout;
  private final Arena arena;
  private final Deque<Page> free = new ArrayDeque<>();
  private long allocated;

  PagePool(PageLayout layout, Arena arena) {
    this.layout = layout;
    this.arena = arena;
  }

  /// One page.
  static final class Page {
    private final MemorySegment memory;
    private int holders;

    private Page(MemorySegment memory) {
      this.memory = memory;
    }

    MemorySegment memory() {
      return memory;
    }
  }

  PageLayout layout() {
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

  /// Bytes that were allocated for all tables.
  synchronized long bytes() {
    return allocated;
  }

  /// A page that nobody holds but the caller.
  synchronized Page take() {
    if (free.isEmpty()) {
      long inUse = allocated / layout.bytes();
      int pages = (int) Math.clamp(inUse, 1, slabPages(layout));
      // Zeroed: places that no token has filled yet are read, though with weight 0.
      MemorySegment slab = arena.allocate(pages * layout.bytes(), ALIGNMENT);
      allocated += slab.byteSize();
      for (int page = 0; page < pages; page++) {
        free.add(new Page(slab.asSlice(page * layout.bytes(), layout.bytes())));
      }
    }
    Page page = free.pop();
    page.holders = 1;
    return page;
  }

  /// One more table holds the page.
  synchronized void share(Page page) {
    page.holders++;
  }

  /// One table fewer holds the page.
  synchronized void release(Page page) {
    page.holders--;
    if (page.holders == 0) {
      free.push(page);
    }
  }

  /// The page, or a copy of it where another table holds it too.
  synchronized Page alone(Page page) {
    if (page.holders == 1) {
      return page;
    }
    Page copy = take();
    copy.memory.copyFrom(page.memory);
    page.holders--;
    return copy;
  }
}

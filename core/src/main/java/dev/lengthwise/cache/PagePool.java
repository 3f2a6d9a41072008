package dev.lengthwise.cache;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Set;
import org.bytedeco.javacpp.Pointer;

/// Pages of one layout for the tables of one text and of those that were forked from it. A page is
/// free, or held by some of the tables; only a table that holds it alone may write into it.
///
/// Memory is taken a slab of pages at a time, and given back when a table ends that leaves a slab
/// without a holder. It is not of an arena: closing one stops every thread for a moment, and a text
/// has hundreds of slabs.
final class PagePool {

  /// Pages are allocated several at once, up to about this many bytes.
  private static final long SLAB = 1L << 20;

  private static final long ALIGNMENT = 64; // a cache line

  private final PageLayout layout;
  private final Deque<Page> free = new ArrayDeque<>();
  private long allocated;

  PagePool(PageLayout layout) {
    this.layout = layout;
  }

  /// Memory of some pages.
  static final class Slab {
    private final Pointer block;
    private final long bytes;
    private int held; // pages that are not free

    private Slab(Pointer block, long bytes) {
      this.block = block;
      this.bytes = bytes;
    }

    long bytes() {
      return bytes;
    }
  }

  /// One page.
  static final class Page {
    private final MemorySegment memory;
    private final Slab slab;
    private int holders;

    private Page(MemorySegment memory, Slab slab) {
      this.memory = memory;
      this.slab = slab;
    }

    Slab slab() {
      return slab;
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
      allocate(Math.clamp(inUse, 1, slabPages(layout)));
    }
    Page page = free.pop();
    page.holders = 1;
    page.slab.held++;
    return page;
  }

  @SuppressWarnings("restricted") // the memory is as long as was asked for
  private void allocate(long pages) {
    long bytes = pages * layout.bytes();
    // Zeroed: places that no token has filled yet are read, though with weight 0.
    Pointer block = Pointer.calloc(bytes + ALIGNMENT, 1);
    if (block == null) {
      throw new OutOfMemoryError("no memory for " + bytes + " bytes of keys and values");
    }
    long start = Math.ceilDiv(block.address(), ALIGNMENT) * ALIGNMENT;
    MemorySegment memory = MemorySegment.ofAddress(start).reinterpret(bytes);
    Slab slab = new Slab(block, bytes);
    allocated += bytes;
    for (long page = 0; page < pages; page++) {
      free.add(new Page(memory.asSlice(page * layout.bytes(), layout.bytes()), slab));
    }
  }

  /// One more table holds the page.
  synchronized void share(Page page) {
    page.holders++;
  }

  /// One table fewer holds the page.
  synchronized void release(Page page) {
    page.holders--;
    if (page.holders == 0) {
      page.slab.held--;
      free.push(page);
    }
  }

  /// Gives back the slabs without a page that is held.
  synchronized void trim() {
    Set<Slab> unused = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Page page : free) {
      if (page.slab.held == 0) {
        unused.add(page.slab);
      }
    }
    free.removeIf(page -> unused.contains(page.slab));
    for (Slab slab : unused) {
      allocated -= slab.bytes;
      Pointer.free(slab.block);
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

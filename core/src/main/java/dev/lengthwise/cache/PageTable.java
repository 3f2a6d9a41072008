package dev.lengthwise.cache;

import dev.lengthwise.cache.PagePool.Page;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Pages of one layout by their place in the text: a prefix that stays, and recent ones.
///
/// Page `b` holds tokens `[64 b, 64 b + 63]`. Dropped pages are used again; nothing is ever moved.
public final class PageTable {

  private final PagePool pool;
  private Page[] prefix = {};
  private @Nullable Page[] recent = new Page[4];
  private long firstRecent; // number of the page at recent[0]
  private int recentPages;
  private long held = -1; // bytes, until pages come or go; asked for after every token

  PageTable(PageLayout layout) {
    this(new PagePool(layout));
  }

  private PageTable(PagePool pool) {
    this.pool = pool;
  }

  /// A table of its own with the same pages, which are copied when one of both writes into them.
  PageTable fork() {
    PageTable fork = new PageTable(pool);
    fork.prefix = prefix.clone();
    fork.recent = recent.clone();
    fork.firstRecent = firstRecent;
    fork.recentPages = recentPages;
    held().forEach(pool::share);
    return fork;
  }

  private Stream<Page> held() {
    return Stream.concat(
        Arrays.stream(prefix), Arrays.stream(recent, 0, recentPages).map(Objects::requireNonNull));
  }

  /// Gives all pages back, and the memory that no other table needs.
  void release() {
    held().forEach(pool::release);
    held = -1;
    prefix = new Page[0];
    recentPages = 0;
    pool.trim();
  }

  /// Gives back the recent pages numbered `from` or more.
  void truncate(long from) {
    held = -1;
    int kept = Math.clamp(from - firstRecent, 0, recentPages);
    for (int index = kept; index < recentPages; index++) {
      pool.release(Objects.requireNonNull(recent[index]));
      recent[index] = null;
    }
    recentPages = kept;
  }

  /// Where numbers lie in its pages.
  public PageLayout layout() {
    return pool.layout();
  }

  /// Bytes that were allocated, those of forks included.
  long bytes() {
    return pool.bytes();
  }

  /// Bytes of the memory that stays while this table does: that of its pages, whoever else holds
  /// them, and of others in the same slabs.
  long heldBytes() {
    if (held < 0) {
      Set<PagePool.Slab> slabs = Collections.newSetFromMap(new IdentityHashMap<>());
      held().map(Page::slab).forEach(slabs::add);
      held = slabs.stream().mapToLong(PagePool.Slab::bytes).sum();
    }
    return held;
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
      return prefix[(int) number].memory();
    }
    long index = number - firstRecent;
    return index >= 0 && index < recentPages
        ? Objects.requireNonNull(recent[(int) index]).memory()
        : null;
  }

  /// Prepares page `number`, the last one or the next after it, for writing: from then on its
  /// memory is this table's alone.
  void prepare(long number) {
    if (number < prefix.length) {
      prefix[(int) number] = replaced(prefix[(int) number]);
      return;
    }
    long index = number - firstRecent;
    if (index >= 0 && index < recentPages) {
      recent[(int) index] = replaced(Objects.requireNonNull(recent[(int) index]));
      return;
    }
    if (index != recentPages) {
      throw new IllegalStateException("pages are written one after the other");
    }
    if (recentPages == recent.length) {
      recent = Arrays.copyOf(recent, 2 * recent.length);
    }
    recent[recentPages++] = pool.take();
    held = -1;
  }

  private Page replaced(Page page) {
    Page alone = pool.alone(page);
    held = alone == page ? held : -1;
    return alone;
  }

  /// Drops every page that is neither among the first `kept` nor numbered `from` or more; where
  /// none is left, `from` is the next to be written.
  void drop(long kept, long from) {
    if (from <= Math.max(firstRecent, kept)) {
      return;
    }
    held = -1;
    if (firstRecent == prefix.length && prefix.length < kept) {
      int grow = (int) Math.min(kept - prefix.length, recentPages);
      int before = prefix.length;
      prefix = Arrays.copyOf(prefix, before + grow);
      System.arraycopy(recent, 0, prefix, before, grow);
      shift(grow);
    }
    int dropped = Math.clamp(from - firstRecent, 0, recentPages);
    for (int index = 0; index < dropped; index++) {
      pool.release(Objects.requireNonNull(recent[index]));
    }
    shift(dropped);
    if (recentPages == 0) {
      firstRecent = from;
    }
  }

  /// Writes the pages that are held: how many of the prefix (4 bytes), the number of the first
  /// recent one (8), how many these are (4), and the memory of all.
  void write(DataOutput out) throws IOException {
    out.writeInt(prefix.length);
    out.writeLong(firstRecent);
    out.writeInt(recentPages);
    for (Page page : held().toList()) {
      out.write(page.memory().toArray(ValueLayout.JAVA_BYTE));
    }
  }

  /// Takes in what [#write] wrote of a table with the same layout; this one is empty.
  ///
  /// @param pages of the whole text, which the last one that is held ends
  /// @throws IOException when that is not so
  void read(DataInput in, long pages) throws IOException {
    int first = in.readInt();
    long from = in.readLong();
    int last = in.readInt();
    if (first < 0 || from < first || last < 0 || from + last != pages) {
      throw new IOException("%d, %d and %d are no pages of a text".formatted(first, from, last));
    }
    for (int page = 0; page < first; page++) {
      Page next = read(in);
      prefix = Arrays.copyOf(prefix, page + 1);
      prefix[page] = next;
    }
    firstRecent = from;
    for (int page = 0; page < last; page++) {
      if (page == recent.length) {
        recent = Arrays.copyOf(recent, 2 * page);
      }
      recent[page] = read(in);
      recentPages++;
    }
    held = -1;
  }

  private Page read(DataInput in) throws IOException {
    byte[] bytes = new byte[Math.toIntExact(pool.layout().bytes())];
    in.readFully(bytes);
    Page page = pool.take();
    page.memory().copyFrom(MemorySegment.ofArray(bytes));
    return page;
  }

  private void shift(int pages) {
    recentPages -= pages;
    firstRecent += pages;
    System.arraycopy(recent, pages, recent, 0, recentPages);
    Arrays.fill(recent, recentPages, recentPages + pages, null);
  }
}

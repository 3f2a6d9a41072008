package dev.lengthwise.matrix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/// Memory for [RowGroups]: slabs in pages of 2 MiB where Linux has them, cut into pieces.
///
/// Small pages cost a third of the rate at which weights are read from memory (Zen 4 in a virtual
/// machine, two streams: 18 in place of 25 GB/s a thread): the processor reads ahead within a page
/// only, and each page is looked up.
final class GroupMemory implements SegmentAllocator, AutoCloseable {

  private static final long SLAB = 32L << 20;

  private final Arena arena = Arena.ofShared();
  private MemorySegment slab = MemorySegment.NULL;
  private long begun;

  /// A piece whose bytes may be anything.
  ///
  /// @param alignment at most 2 MiB
  @Override
  public synchronized MemorySegment allocate(long bytes, long alignment) {
    long from = (begun + alignment - 1) / alignment * alignment;
    if (from + bytes > slab.byteSize()) {
      // What nobody writes takes no memory, so the end of the slab before costs nothing.
      slab = HugePages.allocate(Math.max(SLAB, bytes), arena);
      from = 0;
    }
    begun = from + bytes;
    return slab.asSlice(from, bytes);
  }

  @Override
  public void close() {
    arena.close();
  }
}

package dev.lengthwise.matrix;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/// Memory that Linux is asked to give in pages of 2 MiB; elsewhere memory as always.
final class HugePages {

  /// Bytes of a page.
  static final long PAGE = 2L << 20;

  private static final int MADV_HUGEPAGE = 14;
  private static final Optional<HugePages> LINUX =
      System.getProperty("os.name").equals("Linux") ? open() : Optional.empty();

  private final MethodHandle allocate; // void* aligned_alloc(size_t, size_t)
  private final MethodHandle advise; // int madvise(void*, size_t, int)
  private final MethodHandle free; // void free(void*)

  private HugePages(MethodHandle allocate, MethodHandle advise, MethodHandle free) {
    this.allocate = allocate;
    this.advise = advise;
    this.free = free;
  }

  /// Memory whose bytes may be anything, aligned to [#PAGE].
  ///
  /// @param arena frees it
  /// @throws OutOfMemoryError when there is none
  static MemorySegment allocate(long bytes, Arena arena) {
    long whole = (bytes + PAGE - 1) / PAGE * PAGE;
    return LINUX
        .map(pages -> pages.asked(whole, arena))
        .orElseGet(() -> arena.allocate(whole, PAGE));
  }

  private static Optional<HugePages> open() {
    SymbolLookup library = Linker.nativeLinker().defaultLookup();
    ValueLayout.OfLong size = ValueLayout.JAVA_LONG;
    return library
        .find("madvise")
        .map(
            advise ->
                new HugePages(
                    handle(
                        library.findOrThrow("aligned_alloc"),
                        FunctionDescriptor.of(ValueLayout.ADDRESS, size, size)),
                    handle(
                        advise,
                        FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.ADDRESS, size, ValueLayout.JAVA_INT)),
                    handle(
                        library.findOrThrow("free"),
                        FunctionDescriptor.ofVoid(ValueLayout.ADDRESS))));
  }

  @SuppressWarnings("restricted") // three functions of the C library
  private static MethodHandle handle(MemorySegment symbol, FunctionDescriptor descriptor) {
    return Linker.nativeLinker().downcallHandle(symbol, descriptor);
  }

  // A system without such pages refuses the advice, and the memory is as good as any.
  @SuppressWarnings("restricted") // the size is the one that was asked for
  private MemorySegment asked(long bytes, Arena arena) {
    try {
      MemorySegment memory = (MemorySegment) allocate.invokeExact(PAGE, bytes);
      if (memory.equals(MemorySegment.NULL)) {
        throw new OutOfMemoryError("no memory for " + bytes + " bytes of weights");
      }
      int _ = (int) advise.invokeExact(memory, bytes, MADV_HUGEPAGE);
      return memory.reinterpret(bytes, arena, this::free);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("calls of the C library throw nothing", e);
    }
  }

  private void free(MemorySegment memory) {
    try {
      free.invokeExact(memory);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("calls of the C library throw nothing", e);
    }
  }
}

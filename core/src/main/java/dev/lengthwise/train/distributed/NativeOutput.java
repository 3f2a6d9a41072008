package dev.lengthwise.train.distributed;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import java.util.function.Supplier;

/// Sends to standard error what native code says on standard output, which is for results alone.
final class NativeOutput {

  private static final int OUTPUT = 1;
  private static final int ERROR = 2;

  private final MethodHandle duplicate; // int dup(int)
  private final MethodHandle replace; // int dup2(int, int)
  private final MethodHandle flush; // int fflush(FILE*)

  private NativeOutput(MethodHandle duplicate, MethodHandle replace, MethodHandle flush) {
    this.duplicate = duplicate;
    this.replace = replace;
    this.flush = flush;
  }

  /// What `action` gives. Where the system has no POSIX calls, its words stay where they are.
  static <T> T onStandardError(Supplier<T> action) {
    return open().map(output -> output.around(action)).orElseGet(action);
  }

  private static Optional<NativeOutput> open() {
    SymbolLookup lookup = Linker.nativeLinker().defaultLookup();
    ValueLayout.OfInt number = ValueLayout.JAVA_INT;
    return lookup
        .find("dup")
        .map(
            duplicate ->
                new NativeOutput(
                    handle(duplicate, FunctionDescriptor.of(number, number)),
                    handle(
                        lookup.findOrThrow("dup2"), FunctionDescriptor.of(number, number, number)),
                    handle(
                        lookup.findOrThrow("fflush"),
                        FunctionDescriptor.of(number, ValueLayout.ADDRESS))));
  }

  @SuppressWarnings("restricted") // three functions of the C library that take numbers
  private static MethodHandle handle(MemorySegment symbol, FunctionDescriptor descriptor) {
    return Linker.nativeLinker().downcallHandle(symbol, descriptor);
  }

  private <T> T around(Supplier<T> action) {
    System.out.flush();
    int kept = call(duplicate, OUTPUT);
    if (kept < 0) {
      return action.get(); // standard output is closed
    }
    call(replace, ERROR, OUTPUT);
    try {
      return action.get();
    } finally {
      call(flush, MemorySegment.NULL);
      call(replace, kept, OUTPUT);
    }
  }

  private static int call(MethodHandle function, Object... arguments) {
    try {
      return (int) function.invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new IllegalStateException("a call of the C library with numbers cannot fail", e);
    }
  }
}

package dev.lengthwise.matrix;

import dev.lengthwise.quantised.Bfloat16;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// All memory as one segment whose offsets are addresses.
///
/// As a constant it lets the compiler fold size, lifetime and base of every access; a segment that
/// is a parameter costs several tests for each load. Bounds are checked once, by records.
final class Memory {

  static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
  static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ORDER);
  static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ORDER);
  static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ORDER);
  static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ORDER);

  static final MemorySegment ALL = all();

  private Memory() {}

  // Restricted because wrong addresses would read foreign memory: see above.
  @SuppressWarnings("restricted")
  private static MemorySegment all() {
    return MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  }

  /// `address` with a bound that the compiler knows: it then sees that neither the address nor one
  /// a few gigabytes on can fail the check of bounds, and leaves out the check.
  ///
  /// For the base of a kernel's inner loop: checks were half of its instructions.
  static long known(long address) {
    return address & (Long.MAX_VALUE >> 1);
  }

  static float floatAt(long address) {
    return ALL.get(FLOAT, address);
  }

  static float bf16At(long address) {
    return Bfloat16.value(ALL.get(SHORT, address));
  }

  static float halfAt(long address) {
    return Float.float16ToFloat(ALL.get(SHORT, address));
  }

  static int intAt(long address) {
    return ALL.get(INT, address);
  }

  static long longAt(long address) {
    return ALL.get(LONG, address);
  }

  static byte byteAt(long address) {
    return ALL.get(ValueLayout.JAVA_BYTE, address);
  }

  static int unsignedAt(long address) {
    return byteAt(address) & 0xff;
  }

  static void put(long address, float value) {
    ALL.set(FLOAT, address, value);
  }

  static void putShort(long address, short value) {
    ALL.set(SHORT, address, value);
  }
}

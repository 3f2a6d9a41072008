package dev.lengthwise.checkpoint;

import java.lang.foreign.MemorySegment;

/// Encodes 32-bit floats as a file stores them.
@FunctionalInterface
public interface FloatEncoder {

  /// Writes all of `values` to `data`, from byte `offset` on. Throws
  /// [dev.lengthwise.LengthwiseException] for a value that the type cannot hold.
  void encode(float[] values, MemorySegment data, long offset);
}

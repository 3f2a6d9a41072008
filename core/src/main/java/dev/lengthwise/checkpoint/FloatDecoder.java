package dev.lengthwise.checkpoint;

import java.lang.foreign.MemorySegment;

/// Decodes stored elements to 32-bit floats.
@FunctionalInterface
interface FloatDecoder {

  /// Writes the first `elements` elements of `data` to `floats`, in native byte order.
  void decode(MemorySegment data, long elements, MemorySegment floats);
}

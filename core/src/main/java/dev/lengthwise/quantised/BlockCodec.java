package dev.lengthwise.quantised;

import java.lang.foreign.MemorySegment;

/// Decodes and encodes one block of a [QuantisedType].
///
/// Bytes are little-endian and may lie at any address. Codecs hold no state and may be shared by
/// threads. Callers check bounds; `IndexOutOfBoundsException` where they did not.
public interface BlockCodec {

  /// Writes the weights of the block at `offset` of `blocks` to `values`, from index `at` on.
  void decode(MemorySegment blocks, long offset, float[] values, int at);

  /// Writes the block that is nearest to the weights of `values` from index `at` on.
  ///
  /// Throws [dev.lengthwise.LengthwiseException] for a weight that is not finite or too large for
  /// the half-precision scale of the type.
  void encode(float[] values, int at, MemorySegment blocks, long offset);
}

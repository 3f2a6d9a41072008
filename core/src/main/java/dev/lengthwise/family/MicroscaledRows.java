package dev.lengthwise.family;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.checkpoint.TensorEntry;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// Weights of four bits as GPT-OSS has them in Hugging Face's files: one tensor holds the nibbles
/// of 32 weights in 16 bytes, another the exponent that they share. Here they become rows of ggml's
/// MXFP4, which has both side by side.
///
/// The first holds weights `2k` and `2k + 1` in byte `k`, the low nibble first; ggml holds weights
/// `k` and `k + 16` there. Exponents and nibbles mean the same in both (OCP, "Microscaling Formats
/// (MX) Specification", 1.0).
final class MicroscaledRows {

  /// What the name of a tensor of nibbles ends with.
  static final String NIBBLES = "_blocks";

  private static final String EXPONENTS = "_scales";
  private static final int WEIGHTS = 32;
  private static final int BYTES = WEIGHTS / 2;

  private MicroscaledRows() {}

  /// Whether a tensor holds nibbles.
  static boolean isOf(TensorEntry entry) {
    return entry.type() == DataType.U8 && entry.name().endsWith(NIBBLES);
  }

  /// The name of the tensor of exponents beside one of nibbles.
  static String exponentsOf(String name) {
    return name.substring(0, name.length() - NIBBLES.length()) + EXPONENTS;
  }

  /// The weights of both tensors.
  ///
  /// @param nibbles `[…, rows, columns / 32, 16]`
  /// @return `[…, rows, columns]`
  /// @throws LengthwiseException where the exponents are missing or of another shape
  static TensorEntry of(Checkpoint checkpoint, TensorEntry nibbles) {
    TensorEntry exponents = checkpoint.tensor(exponentsOf(nibbles.name()));
    long[] stored = nibbles.shape();
    int last = stored.length - 1;
    long[] blocks = Arrays.copyOf(stored, Math.max(last, 0));
    if (last < 1
        || stored[last] != BYTES
        || exponents.type() != DataType.U8
        || !Arrays.equals(exponents.shape(), blocks)) {
      throw new LengthwiseException(
          "Tensors \"%s\" and \"%s\" of %s do not belong together: expected bytes of the shapes […, blocks, %d] and […, blocks], found %s and %s."
              .formatted(
                  nibbles.name(), exponents.name(), checkpoint.path(), BYTES, nibbles, exponents));
    }
    long[] shape = blocks.clone();
    shape[last - 1] *= WEIGHTS;
    return new TensorEntry(
        nibbles.name(),
        DataType.MXFP4,
        shape,
        regrouped(nibbles.data(), exponents.data()),
        nibbles.source());
  }

  private static MemorySegment regrouped(MemorySegment nibbles, MemorySegment exponents) {
    long blocks = exponents.byteSize();
    int size = DataType.MXFP4.blockBytes();
    MemorySegment rows = Arena.ofAuto().allocate(blocks * size, 64);
    byte[] given = new byte[BYTES];
    byte[] block = new byte[size];
    for (long index = 0; index < blocks; index++) {
      MemorySegment.copy(nibbles, ValueLayout.JAVA_BYTE, index * BYTES, given, 0, BYTES);
      block[0] = exponents.get(ValueLayout.JAVA_BYTE, index);
      for (int k = 0; k < BYTES; k++) {
        block[1 + k] = (byte) (nibble(given, k) | (nibble(given, k + BYTES) << 4));
      }
      MemorySegment.copy(block, 0, rows, ValueLayout.JAVA_BYTE, index * size, size);
    }
    return rows;
  }

  private static int nibble(byte[] given, int weight) {
    return (given[weight / 2] >> (weight % 2 * 4)) & 0xf;
  }
}

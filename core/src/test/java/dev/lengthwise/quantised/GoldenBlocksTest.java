package dev.lengthwise.quantised;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

/// Blocks written out byte by byte from ggml's definition, and the weights that they mean.
class GoldenBlocksTest {

  /// Puts 2 and 0.5 where a test wants a scale that is exact in half precision.
  private static final short TWO = 0x4000;

  private static ByteBuffer block(QuantisedType type) {
    return ByteBuffer.allocate(type.blockBytes()).order(ByteOrder.LITTLE_ENDIAN);
  }

  /// Decodes at an odd offset of the bytes into the middle of an array.
  private static float[] decode(QuantisedType type, ByteBuffer block) {
    byte[] shifted = new byte[block.capacity() + 3];
    assertThat(block.hasRemaining()).as("the block is written out whole").isFalse();
    block.flip().get(shifted, 3, block.capacity());
    float[] values = new float[type.blockSize() + 5];
    type.codec().decode(MemorySegment.ofArray(shifted), 3, values, 5);
    float[] weights = new float[type.blockSize()];
    System.arraycopy(values, 5, weights, 0, weights.length);
    return weights;
  }

  @Test
  void q8HasAScaleAndSignedBytes() {
    ByteBuffer block = block(QuantisedType.Q8_0).putShort(TWO);
    float[] expected = new float[32];
    for (int i = 0; i < 32; i++) {
      block.put((byte) (8 * i - 128));
      expected[i] = 2 * (8 * i - 128);
    }
    assertThat(decode(QuantisedType.Q8_0, block)).isEqualTo(expected);
  }

  @Test
  void q4HasTheFirstHalfOfItsNumbersInLowHalvesOfBytes() {
    ByteBuffer block = block(QuantisedType.Q4_0).putShort(TWO);
    float[] expected = new float[32];
    for (int j = 0; j < 16; j++) {
      block.put((byte) (j | (15 - j) << 4));
      expected[j] = 2 * (j - 8);
      expected[j + 16] = 2 * (15 - j - 8);
    }
    assertThat(decode(QuantisedType.Q4_0, block)).isEqualTo(expected);
  }
}

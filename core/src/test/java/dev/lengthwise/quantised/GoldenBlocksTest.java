package dev.lengthwise.quantised;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

/// Blocks written out byte by byte from ggml's definition, and the weights that they mean.
class GoldenBlocksTest {

  /// 2 and 0.5 in half precision.
  private static final short TWO = 0x4000;

  private static final short HALF = 0x3800;

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
      block.put(nibbles(j, 15 - j));
      expected[j] = 2 * (j - 8);
      expected[j + 16] = 2 * (15 - j - 8);
    }
    assertThat(decode(QuantisedType.Q4_0, block)).isEqualTo(expected);
  }

  private static byte nibbles(int low, int high) {
    return (byte) (low | high << 4);
  }

  @Test
  void q4WithMinimumAddsIt() {
    ByteBuffer block = block(QuantisedType.Q4_1).putShort(TWO).putShort(HALF);
    float[] expected = new float[32];
    for (int j = 0; j < 16; j++) {
      block.put(nibbles(j, 15 - j));
      expected[j] = 2 * j + 0.5f;
      expected[j + 16] = 2 * (15 - j) + 0.5f;
    }
    assertThat(decode(QuantisedType.Q4_1, block)).isEqualTo(expected);
  }

  /// Fifth bits of the elements 0, 1, 15, 16, 30 and 31.
  private static final int FIFTH = 0b1100_0000_0000_0001_1000_0000_0000_0011;

  private static int fifth(int j) {
    return j == 0 || j == 1 || j == 15 || j == 16 || j == 30 || j == 31 ? 16 : 0;
  }

  @Test
  void q5HasItsFifthBitsInAWordInFront() {
    ByteBuffer block = block(QuantisedType.Q5_0).putShort(TWO).putInt(FIFTH);
    float[] expected = new float[32];
    for (int j = 0; j < 16; j++) {
      block.put(nibbles(j, 15 - j));
      expected[j] = 2 * (j + fifth(j) - 16);
      expected[j + 16] = 2 * (15 - j + fifth(j + 16) - 16);
    }
    assertThat(decode(QuantisedType.Q5_0, block)).isEqualTo(expected);
  }

  @Test
  void q5WithMinimumAddsIt() {
    ByteBuffer block = block(QuantisedType.Q5_1).putShort(TWO).putShort(HALF).putInt(FIFTH);
    float[] expected = new float[32];
    for (int j = 0; j < 16; j++) {
      block.put(nibbles(j, 15 - j));
      expected[j] = 2 * (j + fifth(j)) + 0.5f;
      expected[j + 16] = 2 * (15 - j + fifth(j + 16)) + 0.5f;
    }
    assertThat(decode(QuantisedType.Q5_1, block)).isEqualTo(expected);
  }

  @Test
  void iq4TakesItsLevelsFromATable() {
    int[] levels = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};
    ByteBuffer block = block(QuantisedType.IQ4_NL).putShort(TWO);
    float[] expected = new float[32];
    for (int j = 0; j < 16; j++) {
      block.put(nibbles(j, 15 - j));
      expected[j] = 2 * levels[j];
      expected[j + 16] = 2 * levels[15 - j];
    }
    assertThat(decode(QuantisedType.IQ4_NL, block)).isEqualTo(expected);
  }

  private static final int[] SCALES = {1, 62, 3, 63, 17, 33, 48, 63};
  private static final int[] MINIMA = {0, 63, 5, 1, 16, 47, 32, 62};

  /// The twelve bytes of these scales and minima, worked out on paper:
  /// scales 4–7 are 01·0001, 10·0001, 11·0000, 11·1111 and minima 4–7 are 01·0000, 10·1111,
  /// 10·0000, 11·1110, of which the upper two bits go to bytes 0–7.
  private static final int[] PAIRS = {
    0b01_000001, 0b10_111110, 0b11_000011, 0b11_111111, // scales 0–3
    0b01_000000, 0b10_111111, 0b10_000101, 0b11_000001, // minima 0–3
    0b0000_0001, 0b1111_0001, 0b0000_0000, 0b1110_1111, // the low bits of both
  };

  private static ByteBuffer superBlock(QuantisedType type) {
    ByteBuffer block = block(type).putShort(TWO).putShort(HALF);
    for (int pair : PAIRS) {
      block.put((byte) pair);
    }
    return block;
  }

  private static float superWeight(int part, int number) {
    return 2f * SCALES[part] * number - 0.5f * MINIMA[part];
  }

  @Test
  void q4kHasFourGroupsOf64WithALowAndAHighPart() {
    ByteBuffer block = superBlock(QuantisedType.Q4_K);
    float[] expected = new float[256];
    for (int group = 0; group < 4; group++) {
      for (int l = 0; l < 32; l++) {
        int low = (l + group) % 16;
        int high = (3 * l + group) % 16;
        block.put(nibbles(low, high));
        expected[64 * group + l] = superWeight(2 * group, low);
        expected[64 * group + 32 + l] = superWeight(2 * group + 1, high);
      }
    }
    assertThat(decode(QuantisedType.Q4_K, block)).isEqualTo(expected);
  }

  @Test
  void q5kHasTheFifthBitsOfAllPartsInOneByte() {
    ByteBuffer block = superBlock(QuantisedType.Q5_K);
    for (int l = 0; l < 32; l++) {
      block.put((byte) (37 * l));
    }
    float[] expected = new float[256];
    for (int group = 0; group < 4; group++) {
      for (int l = 0; l < 32; l++) {
        int fifths = 37 * l & 0xff;
        int lowMask = new int[] {1, 4, 16, 64}[group];
        int highMask = new int[] {2, 8, 32, 128}[group];
        int low = (l + group) % 16;
        int high = (3 * l + group) % 16;
        block.put(nibbles(low, high));
        int lowFifth = (fifths & lowMask) != 0 ? 16 : 0;
        int highFifth = (fifths & highMask) != 0 ? 16 : 0;
        expected[64 * group + l] = superWeight(2 * group, low + lowFifth);
        expected[64 * group + 32 + l] = superWeight(2 * group + 1, high + highFifth);
      }
    }
    assertThat(decode(QuantisedType.Q5_K, block)).isEqualTo(expected);
  }

  @Test
  void q6kHasLowBitsUpperBitsScalesAndThenItsScale() {
    int[] numbers = new int[256];
    int[] scales = new int[16];
    for (int i = 0; i < 256; i++) {
      numbers[i] = (i * 29 + i / 32) % 64;
    }
    for (int part = 0; part < 16; part++) {
      scales[part] = 17 * part - 128;
    }
    ByteBuffer block = block(QuantisedType.Q6_K);
    for (int half = 0; half < 256; half += 128) {
      for (int l = 0; l < 32; l++) {
        block.put(nibbles(numbers[half + l] & 15, numbers[half + 64 + l] & 15));
      }
      for (int l = 0; l < 32; l++) {
        block.put(nibbles(numbers[half + 32 + l] & 15, numbers[half + 96 + l] & 15));
      }
    }
    for (int half = 0; half < 256; half += 128) {
      for (int l = 0; l < 32; l++) {
        int first = numbers[half + l] >> 4;
        int second = numbers[half + 32 + l] >> 4;
        int third = numbers[half + 64 + l] >> 4;
        int fourth = numbers[half + 96 + l] >> 4;
        block.put((byte) (first | second << 2 | third << 4 | fourth << 6));
      }
    }
    float[] expected = new float[256];
    for (int i = 0; i < 256; i++) {
      expected[i] = 2f * scales[i / 16] * (numbers[i] - 32);
    }
    for (int scale : scales) {
      block.put((byte) scale);
    }
    block.putShort(TWO);
    assertThat(decode(QuantisedType.Q6_K, block))
        .usingComparatorWithPrecision(0f)
        .containsExactly(expected);
  }
}

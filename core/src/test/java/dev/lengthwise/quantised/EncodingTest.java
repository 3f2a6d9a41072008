package dev.lengthwise.quantised;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// What is left of weights after they were encoded and decoded.
class EncodingTest {

  private static final int OFFSET = 7;
  private static final int AT = 3;

  /// Weights after a block was written at an odd offset and read again.
  private static float[] roundTrip(QuantisedType type, float[] weights) {
    byte[] bytes = new byte[OFFSET + type.blockBytes() + 1];
    Arrays.fill(bytes, (byte) 0x5a); // what lay there before must not matter
    MemorySegment segment = MemorySegment.ofArray(bytes);
    float[] shifted = new float[AT + weights.length];
    System.arraycopy(weights, 0, shifted, AT, weights.length);
    type.codec().encode(shifted, AT, segment, OFFSET);
    assertThat(bytes[OFFSET - 1]).as("byte before the block").isEqualTo((byte) 0x5a);
    assertThat(bytes[bytes.length - 1]).as("byte behind the block").isEqualTo((byte) 0x5a);
    float[] decoded = new float[AT + weights.length];
    type.codec().decode(segment, OFFSET, decoded, AT);
    return Arrays.copyOfRange(decoded, AT, decoded.length);
  }

  private static float[] gaussian(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] weights = new float[count];
    for (int i = 0; i < count; i++) {
      weights[i] = (float) random.nextGaussian(0, 0.02);
    }
    return weights;
  }

  /// Root mean square error over root mean square, in parts of a thousand.
  @ParameterizedTest
  @CsvSource({
    "Q8_0, 6",
    "Q4_0, 95",
    "Q4_1, 90",
    "Q5_0, 47",
    "Q5_1, 44",
    "Q4_K, 77",
    "Q5_K, 38",
    "Q6_K, 19",
    "IQ4_NL, 80",
    "IQ4_XS, 80",
    "MXFP4, 120",
    "Q3_K, 160",
    "Q2_K, 300",
    "TQ1_0, 900",
    "TQ2_0, 900"
  })
  void gaussianWeightsKeepTheirPrecision(QuantisedType type, int thousandths) {
    double error = 0;
    double square = 0;
    for (int block = 0; block < 8192 / type.blockSize(); block++) {
      float[] weights = gaussian(type.blockSize(), block);
      float[] decoded = roundTrip(type, weights);
      for (int i = 0; i < weights.length; i++) {
        error += Math.pow(weights[i] - decoded[i], 2);
        square += Math.pow(weights[i], 2);
      }
    }
    double relative = Math.sqrt(error / square) * 1000;
    assertThat(relative).isBetween(thousandths * 0.8, (double) thousandths);
  }

  @ParameterizedTest
  @EnumSource(QuantisedType.class)
  void zerosStayZeros(QuantisedType type) {
    float[] zeros = new float[type.blockSize()];
    for (float weight : roundTrip(type, zeros)) {
      assertThat(Math.abs(weight)).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(QuantisedType.class)
  void anOutlierOfEitherSignIsKept(QuantisedType type) {
    for (float outlier : new float[] {100, -100}) {
      float[] weights = gaussian(type.blockSize(), 1);
      weights[type.blockSize() / 2] = outlier;
      float kept = roundTrip(type, weights)[type.blockSize() / 2];
      // An outlier above zero misses the farther end of the levels of a symmetric type.
      assertThat(kept / outlier).isBetween(0.86f, 1.05f);
    }
  }

  @ParameterizedTest
  @EnumSource(QuantisedType.class)
  void equalWeightsOfEitherSignAreKept(QuantisedType type) {
    for (float value : new float[] {0.75f, -0.75f}) {
      float[] weights = new float[type.blockSize()];
      Arrays.fill(weights, value);
      for (float weight : roundTrip(type, weights)) {
        assertThat(weight).isBetween(value - 0.012f, value + 0.012f);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(QuantisedType.class)
  void weightsTooSmallForAScaleBecomeSmall(QuantisedType type) {
    for (float size : new float[] {1e-5f, 1e-8f, 1e-20f, 1e-40f, Float.MIN_VALUE}) {
      float[] weights = new float[type.blockSize()];
      for (int i = 0; i < weights.length; i++) {
        weights[i] = i % 3 == 0 ? -size : size * i / weights.length;
      }
      for (float weight : roundTrip(type, weights)) {
        assertThat(Math.abs(weight)).isLessThanOrEqualTo(Math.max(size * 1.2f, 1e-6f));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(QuantisedType.class)
  void encodingTwiceGivesTheSameBytes(QuantisedType type) {
    float[] weights = gaussian(type.blockSize(), 5);
    assertThat(roundTrip(type, weights)).isEqualTo(roundTrip(type, weights.clone()));
  }

  @ParameterizedTest
  @EnumSource(QuantisedType.class)
  void weightsThatAreNotFiniteAreRefused(QuantisedType type) {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      float[] weights = gaussian(type.blockSize(), 2);
      weights[type.blockSize() - 1] = bad;
      assertThatThrownBy(() -> roundTrip(type, weights))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContaining(Float.isNaN(bad) ? "not a number" : "infinite");
    }
  }

  @ParameterizedTest
  @EnumSource(names = "MXFP4", mode = EnumSource.Mode.EXCLUDE)
  void weightsTooLargeForAScaleAreRefused(QuantisedType type) {
    for (float huge : new float[] {1e30f, -Float.MAX_VALUE}) {
      float[] weights = gaussian(type.blockSize(), 3);
      weights[0] = huge;
      assertThatThrownBy(() -> roundTrip(type, weights))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContaining("65504");
    }
  }

  /// The power of two of MXFP4 reaches as far as floats do.
  @Test
  void hugeWeightsKeepTheirPowerOfTwo() {
    for (float huge : new float[] {1e30f, -Float.MAX_VALUE, 0x1p127f}) {
      float[] weights = gaussian(32, 3);
      weights[0] = huge;
      assertThat(roundTrip(QuantisedType.MXFP4, weights)[0] / huge).isBetween(0.74f, 1.2f);
    }
  }
}

package dev.lengthwise.quantised;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Values are those of PyTorch 2.13: `torch.arange(256).to(torch.uint8).view(torch.float8_…)`, and
/// of `torch.tensor([…]).to(torch.float8_…)`.
class EightBitFloatTest {

  @Test
  void everyFloatOfFourThreeIsThatOfTorch() {
    int[] bits = {0, 1, 7, 8, 0x38, 0x7e, 0x81, 0xfe};
    float[] values = {
      0, 0.001953125f, 0.013671875f, 0.015625f, 1, 448, -0.001953125f, -448,
    };
    for (int n = 0; n < bits.length; n++) {
      assertThat(EightBitFloat.E4M3.decode(bits[n])).isEqualTo(values[n]);
    }
    double sum =
        IntStream.range(0, 256)
            .mapToDouble(EightBitFloat.E4M3::decode)
            .filter(Double::isFinite)
            .map(Math::abs)
            .sum();
    assertThat(sum).isEqualTo(10_815.75);
    assertThat(EightBitFloat.E4M3.decode(0x7f)).isNaN();
    assertThat(EightBitFloat.E4M3.decode(0xff)).isNaN();
  }

  @Test
  void everyFloatOfFiveTwoIsThatOfTorch() {
    assertThat(EightBitFloat.E5M2.decode(7)).isEqualTo(7f / (1 << 16));
    double sum =
        IntStream.range(0, 256)
            .mapToDouble(EightBitFloat.E5M2::decode)
            .filter(Double::isFinite)
            .map(Math::abs)
            .sum();
    assertThat(sum).isCloseTo(720_895.9995117188, within(1e-9));
  }

  @ParameterizedTest
  @EnumSource
  void everyFiniteFloatIsItsOwnNearest(EightBitFloat format) {
    for (int bits = 0; bits < 256; bits++) {
      float value = format.decode(bits);
      if (Float.isFinite(value)) {
        assertThat(Byte.toUnsignedInt(format.encode(value))).isEqualTo(bits);
      }
    }
  }

  @Test
  void numbersBetweenAreRoundedAsTorchRoundsThem() {
    float[] values = {
      0.001f, 0.0011f, 0.0029296875f, 0.9f, 1.0625f, 1.1875f, -3.3f, 17, 18.9f, 239.9f, -0.0008f
    };
    int[] fourThree = {1, 1, 2, 0x36, 0x38, 0x3a, 0xc5, 0x58, 0x59, 0x77, 0x80};
    int[] fiveTwo = {0x14, 0x15, 0x1a, 0x3b, 0x3c, 0x3d, 0xc3, 0x4c, 0x4d, 0x5b, 0x93};
    for (int n = 0; n < values.length; n++) {
      assertThat(Byte.toUnsignedInt(EightBitFloat.E4M3.encode(values[n]))).isEqualTo(fourThree[n]);
      assertThat(Byte.toUnsignedInt(EightBitFloat.E5M2.encode(values[n]))).isEqualTo(fiveTwo[n]);
    }
  }

  @Test
  void whatIsTooLargeBecomesTheLargest() {
    assertThat(EightBitFloat.E4M3.decode(EightBitFloat.E4M3.encode(1e6f))).isEqualTo(448);
    assertThat(EightBitFloat.E5M2.decode(EightBitFloat.E5M2.encode(-1e9f))).isEqualTo(-57_344);
    assertThat(EightBitFloat.E4M3.decode(EightBitFloat.E4M3.encode(Float.NaN))).isNaN();
  }
}

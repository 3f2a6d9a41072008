package dev.lengthwise.matrix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The specifications, against numbers of Python's `math` module.
class ActivationTest {

  @ParameterizedTest
  @CsvSource({
    "0.5, 0.5204998778130465",
    "1, 0.8427007929497149",
    "-2, -0.9953222650189527",
    "3, 0.9999779095030014",
    "5.5, 0.9999999999999927",
    "7, 1",
    "0, 0"
  })
  void errorFunctionIsThatOfTheMathLibrary(double x, double expected) {
    assertThat(Activation.errorFunction(x)).isCloseTo(expected, within(1e-15));
  }

  // x * (1 / (1 + exp(-x))), x / 2 * erfc(-x / sqrt(2)), the tanh formula, x / (1 + exp(-1.702 x)).
  @ParameterizedTest
  @CsvSource({
    "-3, -0.14227761953270035, -0.004049694094890287, -0.0036373920817729943, -0.01807130970778597",
    "-0.75, -0.24061597561845527, -0.16997051428265114, -0.17003944483437966, -0.1636099424653622",
    "0.5, 0.3112296656009273, 0.34573123063700656, 0.34571400982514394, 0.35038843660638014",
    "2, 1.7615941559557646, 1.9544997361036416, 1.954597694087775, 1.9356586231442083"
  })
  void activationsAreThoseOfTheirFormulas(
      double x, double silu, double gelu, double geluTanh, double sigmoid) {
    assertThat(Activation.SILU.of(x)).isCloseTo(silu, within(1e-15));
    assertThat(Activation.GELU.of(x)).isCloseTo(gelu, within(1e-15));
    assertThat(Activation.GELU_TANH.of(x)).isCloseTo(geluTanh, within(1e-15));
    assertThat(Activation.SIGMOID_1702.of(x)).isCloseTo(sigmoid, within(1e-15));
    assertThat(Activation.RELU.of(x)).isEqualTo(x > 0 ? x : 0);
    assertThat(Activation.RELU_SQUARED.of(x)).isEqualTo(x > 0 ? x * x : 0);
  }

  // gate.clamp(max=7), up.clamp(-7, 7), (up + 1) * gate * sigmoid(1.702 * gate), as GPT-OSS has it.
  @ParameterizedTest
  @CsvSource({
    "0.5, -0.25, 0.2627913274547851",
    "9, 8, 55.99962502642654",
    "-9, -8, 1.201906791935106e-05",
    "1, -7.5, -5.074774595596927"
  })
  void gatingLimitsBothProductsAndAddsItsOffset(double gate, double up, double expected) {
    Gating gating = new Gating(Activation.SIGMOID_1702, 7, 1);
    assertThat(gating.of(gate, up)).isCloseTo(expected, within(1e-14));
  }

  @Test
  void gatingWithoutPositiveLimitIsRefused() {
    assertThatThrownBy(() -> new Gating(Activation.SILU, 0, 0)).hasMessageContaining("limit");
    assertThatThrownBy(() -> new Gating(Activation.SILU, Double.NaN, 0))
        .hasMessageContaining("limit");
    assertThatThrownBy(() -> new Gating(Activation.SILU, 1, Double.NaN))
        .hasMessageContaining("offset");
  }
}

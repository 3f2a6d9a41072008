package dev.lengthwise.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lengthwise.model.WeightRole;
import dev.lengthwise.parallel.CounterRandom;
import dev.lengthwise.torch.ComputeDevice;
import java.util.Objects;
import org.assertj.core.data.Percentage;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class InitialisationTest {

  /// The formulas for 24 layers of 768 channels, by hand; GAU-α's base model is
  /// `1.13684723 / √768 · 24^(−1/3)` before the cut (kexue.fm 9052), √768 · 24^(1/3) = 79.9376.
  @ParameterizedTest
  @CsvSource({
    "GPT2,       MATRIX,              768,  0.02",
    "GPT2,       EMBEDDING,           768,  0.02",
    "GPT2,       ATTENTION_OUTPUT,    768,  0.0028867513",
    "GPT2,       FEED_FORWARD_OUTPUT, 3072, 0.0028867513",
    "NORMAL,     FEED_FORWARD_OUTPUT, 3072, 0.02",
    "SMALL_WANG, MATRIX,              768,  0.0228217732",
    "SMALL_WANG, FEED_FORWARD_OUTPUT, 3072, 0.0030070327",
    "DEEP_NORM,  MATRIX,              768,  0.0360843918",
    "DEEP_NORM,  VALUE,               768,  0.0052083333",
    "DEEP_NORM,  FEED_FORWARD_OUTPUT, 3072, 0.0049645015",
    "GAU_ALPHA,  MATRIX,              768,  0.0125097599"
  })
  void deviationIsThatOfTheSource(
      Initialisation initialisation, WeightRole role, int inputs, double expected) {
    assertThat(initialisation.deviation(role, inputs, 768, 24)).isCloseTo(expected, within(1e-9));
  }

  @ParameterizedTest
  @EnumSource(Initialisation.class)
  void valuesHaveTheDeviationThatWasAsked(Initialisation initialisation) {
    float[] values = initialisation.values(200_000, 0.5, new CounterRandom(3, 4));
    double mean = 0;
    double square = 0;
    float largest = 0;
    for (float value : values) {
      mean += value / values.length;
      square += (double) value * value / values.length;
      largest = Math.max(largest, Math.abs(value));
    }
    assertThat(mean).isCloseTo(0, within(0.005));
    assertThat(Math.sqrt(square)).isCloseTo(0.5, Percentage.withPercentage(0.5));
    switch (initialisation) {
      case DEEP_NORM, GAU_ALPHA ->
          assertThat((double) largest).isBetween(0.99 * 1.13684723, 1.13684723 + 1e-6);
      case GPT2, NORMAL, SMALL_WANG -> assertThat(largest).isGreaterThan(4 * 0.5f);
    }
  }

  @ParameterizedTest
  @EnumSource(Initialisation.class)
  void everyWeightOfAModelFollowsTheRule(Initialisation initialisation) {
    TrainConfig config = TinyTraining.config(1, 1);
    try (PointerScope _ = new PointerScope();
        Parameters parameters =
            Parameters.random(
                ModelExport.specOf(config, TinyTraining.ROPE),
                initialisation,
                config.seed(),
                ComputeDevice.CPU)) {
      double value = initialisation.deviation(WeightRole.VALUE, 16, 16, 2);
      double down = initialisation.deviation(WeightRole.FEED_FORWARD_OUTPUT, 24, 16, 2);
      double embedding = initialisation.deviation(WeightRole.EMBEDDING, 16, 16, 2);
      assertThat(deviation(parameters, "model.layers.1.self_attn.v_proj.weight"))
          .isCloseTo(value, Percentage.withPercentage(20));
      assertThat(deviation(parameters, "model.layers.1.mlp.down_proj.weight"))
          .isCloseTo(down, Percentage.withPercentage(15));
      assertThat(deviation(parameters, "model.embed_tokens.weight"))
          .isCloseTo(embedding, Percentage.withPercentage(5));
      assertThat(weight(parameters, "model.norm.weight").sum().item_double()).isEqualTo(16);
    }
  }

  private static double deviation(Parameters parameters, String name) {
    return weight(parameters, name).square().mean().sqrt().item_double();
  }

  private static Tensor weight(Parameters parameters, String name) {
    return Objects.requireNonNull(parameters.tensors().get(name));
  }

  @Test
  void allBranchesTogetherStartWithTheGainOne() {
    for (int factors : new int[] {1, 2, 3}) {
      assertThat(24 * Math.pow(Initialisation.branchGain(24, factors), factors))
          .isCloseTo(1, within(1e-12));
    }
  }
}

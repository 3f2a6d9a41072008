package dev.lengthwise.runtime;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class PlannedModelTest {

  @Test
  void anEncoderKeepsNothingThatCouldBePlanned() {
    Path encoder = Path.of("src", "test", "resources", "families", "encoders", "bert");
    PlannedModel model = PlannedModel.read(encoder, ModelSettings.DEFAULT);
    assertThatThrownBy(() -> model.plans("declared", OptionalLong.empty()))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("bert is an encoder");
  }
}

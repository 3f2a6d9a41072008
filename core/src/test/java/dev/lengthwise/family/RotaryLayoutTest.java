package dev.lengthwise.family;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.FloatBuffer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class RotaryLayoutTest {

  @Test
  void pairsOfEachHeadAreTakenApartAndOtherChannelsStay() {
    try (PointerScope _ = new PointerScope()) {
      Tensor bias = Tensor.create(new float[] {0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15});
      assertThat(values(RotaryLayout.toHalfSplit(bias, 2, 6, 4)))
          .containsExactly(0, 2, 1, 3, 4, 5, 10, 12, 11, 13, 14, 15);
      Tensor weight = Tensor.create(new float[] {0, 1, 2, 3, 4, 5, 6, 7}).view(4, 2);
      Tensor moved = RotaryLayout.toHalfSplit(weight, 1, 4, 4);
      assertThat(values(moved)).containsExactly(0, 1, 4, 5, 2, 3, 6, 7);
      assertThat(moved.size(1)).isEqualTo(2);
    }
  }

  private static float[] values(Tensor tensor) {
    FloatBuffer buffer = tensor.contiguous().createBuffer();
    float[] values = new float[buffer.remaining()];
    buffer.get(values);
    return values;
  }
}

package dev.lengthwise.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ComputeDeviceTest {

  @ParameterizedTest
  @ValueSource(strings = {"gpu", "cuda:", "cuda:x", "cuda:100", "CPU", ""})
  void unknownDevicesAreRefusedByName(String name) {
    assertThatThrownBy(() -> ComputeDevice.of(name))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("'" + name + "'");
  }

  @Test
  void namesAreReadAndWritten() {
    assertThat(ComputeDevice.of("cpu")).isEqualTo(ComputeDevice.CPU).hasToString("cpu");
    assertThat(ComputeDevice.of("cuda")).hasToString("cuda:0");
    assertThat(ComputeDevice.of("cuda:3").next(2)).hasToString("cuda:5");
    assertThat(ComputeDevice.CPU.next(2)).isEqualTo(ComputeDevice.CPU);
  }

  /// libtorch's `meta` device has sizes of tensors without numbers: one that is on every machine.
  @Test
  void tensorsArePlacedOnceAndGradientsFlowBack() {
    ComputeDevice meta = new ComputeDevice(DeviceType.Meta, 0);
    try (PointerScope _ = new PointerScope()) {
      Tensor here = torch.ones(3);
      assertThat(ComputeDevice.CPU.place(here)).isSameAs(here);
      here.set_requires_grad(true);
      Tensor there = meta.place(here);
      assertThat(there.is_meta()).isTrue();
      assertThat(there.requires_grad()).isTrue();
      assertThat(meta.place(there)).isSameAs(there);
    }
  }
}

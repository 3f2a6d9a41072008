package dev.lengthwise.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TensorEntryTest {

  private static TensorEntry entry(DataType type, FileBytes bytes, long... shape) {
    return new TensorEntry("t", type, shape, MemorySegment.ofArray(bytes.bytes()));
  }

  @Test
  void everyPlainTypeIsDecoded() {
    assertThat(entry(DataType.F64, new FileBytes().f64(0.1), 1).toFloats()).containsExactly(0.1f);
    assertThat(entry(DataType.I64, new FileBytes().i64(-5), 1).toFloats()).containsExactly(-5);
    assertThat(entry(DataType.I32, new FileBytes().i32(-6), 1).toFloats()).containsExactly(-6);
    assertThat(entry(DataType.I16, new FileBytes().i16(-7), 1).toFloats()).containsExactly(-7);
    assertThat(entry(DataType.I8, new FileBytes().u8(-8), 1).toFloats()).containsExactly(-8);
    assertThat(entry(DataType.U8, new FileBytes().u8(250), 1).toFloats()).containsExactly(250);
    assertThat(entry(DataType.BOOL, new FileBytes().u8(1), 1).toFloats()).containsExactly(1);
  }

  @ParameterizedTest
  @EnumSource(DataType.class)
  void torchHasTheSameValuesAsTheFloats(DataType type) {
    if (!type.readable()) {
      assertThat(type.bytesFor(type.blockSize())).isEqualTo(type.blockBytes());
      return;
    }
    FileBytes bytes = new FileBytes();
    for (long i = 0; i < type.bytesFor(512); i++) {
      bytes.u8(type == DataType.BOOL ? (int) i % 2 : (int) i % 100);
    }
    TensorEntry entry = entry(type, bytes, 2, 256);
    float[] floats = entry.toFloats();
    try (PointerScope _ = new PointerScope()) {
      Tensor tensor = entry.toTensor().to(ScalarType.Float).flatten();
      for (int i = 0; i < floats.length; i++) {
        assertThat(tensor.get(i).item_float()).as("%s element %d", type, i).isEqualTo(floats[i]);
      }
    }
  }

  @Test
  void bytesThatDoNotFitTheShapeAreRefused() {
    assertThatThrownBy(() -> entry(DataType.F32, new FileBytes().f32(1), 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("needs 8 bytes, found 4");
    assertThatThrownBy(() -> DataType.Q8_0.bytesFor(33))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> DataType.F32.bytesFor(Long.MAX_VALUE))
        .isInstanceOf(ArithmeticException.class);
  }

  @Test
  void shapeIsNotShared() {
    TensorEntry entry = entry(DataType.U8, new FileBytes().u8(1), 1);
    entry.shape()[0] = 7;
    assertThat(entry.shape()).containsExactly(1);
  }

  @Test
  void anIndexOfTheFirstDimensionIsATensorOfTheRest() {
    FileBytes bytes = new FileBytes();
    for (int n = 0; n < 12; n++) {
      bytes.f32(n);
    }
    TensorEntry entry = entry(DataType.F32, bytes, 2, 3, 2);

    assertThat(entry.at(1).shape()).containsExactly(3, 2);
    assertThat(entry.at(1).toFloats()).containsExactly(6, 7, 8, 9, 10, 11);
    assertThat(entry.at(1).at(2).toFloats()).containsExactly(10, 11);
    assertThatThrownBy(() -> entry.at(2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> entry.at(0).at(0).at(0).at(0))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }
}

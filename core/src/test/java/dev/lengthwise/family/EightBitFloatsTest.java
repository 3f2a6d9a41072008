package dev.lengthwise.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.checkpoint.LittleEndian;
import dev.lengthwise.checkpoint.TensorEntry;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Which scale belongs to which float.
class EightBitFloatsTest {

  private static TensorEntry bytes(DataType type, long[] shape, byte... values) {
    return new TensorEntry("w", type, shape, MemorySegment.ofArray(values));
  }

  private static TensorEntry scales(String name, float... values) {
    MemorySegment segment = MemorySegment.ofArray(new byte[values.length * Float.BYTES]);
    for (int n = 0; n < values.length; n++) {
      segment.set(LittleEndian.F32, (long) n * Float.BYTES, values[n]);
    }
    return new TensorEntry(name, DataType.F32, new long[] {values.length}, segment);
  }

  private static float[] decoded(TensorEntry floats, TensorEntry scales) {
    MemoryCheckpoint checkpoint =
        new MemoryCheckpoint(Map.of(floats.name(), floats, scales.name(), scales));
    return EightBitFloats.of(checkpoint, floats).toFloats();
  }

  @Test
  void thereIsOneScaleOrOneForEachRow() {
    byte one = 0x38;
    TensorEntry floats = bytes(DataType.F8_E4M3, new long[] {2, 2}, one, one, one, one);
    assertThat(decoded(floats, scales("w_scale", 3))).containsExactly(3, 3, 3, 3);
    assertThat(decoded(floats, scales("w_scale", 3, 5))).containsExactly(3, 3, 5, 5);
    assertThat(decoded(floats, scales("other", 3))).containsExactly(1, 1, 1, 1);
  }

  @Test
  void scalesThatDoNotFitAreRefused() {
    TensorEntry floats = bytes(DataType.F8_E4M3, new long[] {2, 2}, new byte[4]);
    assertThatThrownBy(() -> decoded(floats, scales("w_scale_inv", 1, 2, 3)))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll("w_scale_inv", "3 scales for 2 rows of 2 weights");
  }
}

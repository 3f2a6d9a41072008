package dev.lengthwise.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.checkpoint.TensorEntry;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Weights of four bits in Hugging Face's order become rows of ggml.
class MicroscaledRowsTest {

  private static TensorEntry bytes(String name, long[] shape, byte... values) {
    return new TensorEntry(name, DataType.U8, shape, MemorySegment.ofArray(values));
  }

  @Test
  void neighboursInAByteComeToStandAHalfBlockApart() {
    byte[] nibbles = new byte[32];
    for (int n = 0; n < 16; n++) {
      nibbles[n] = (byte) (((n % 8 * 2 + 1) << 4) | (n % 8 * 2)); // weights 0, 1, 2 … 15, 0, 1 … 15
      nibbles[16 + n] = (byte) 0xba;
    }
    TensorEntry blocks = bytes("e_blocks", new long[] {1, 2, 1, 16}, nibbles);
    TensorEntry scales = bytes("e_scales", new long[] {1, 2, 1}, (byte) 127, (byte) 120);
    TensorEntry rows = MicroscaledRows.of(checkpoint(blocks, scales), blocks);
    assertThat(rows.type()).isEqualTo(DataType.MXFP4);
    assertThat(rows.shape()).containsExactly(1, 2, 32);
    byte[] found = rows.data().toArray(ValueLayout.JAVA_BYTE);
    assertThat(found[0]).isEqualTo((byte) 127);
    for (int n = 0; n < 16; n++) {
      assertThat(found[1 + n]).as("weights %d and %d", n, n + 16).isEqualTo((byte) ((n << 4) | n));
      assertThat(found[18 + n]).isEqualTo((byte) (n % 2 == 0 ? 0xaa : 0xbb));
    }
    assertThat(found[17]).isEqualTo((byte) 120);
  }

  @Test
  void exponentsOfAnotherShapeAreRefused() {
    TensorEntry blocks = bytes("e_blocks", new long[] {2, 1, 16}, new byte[32]);
    TensorEntry scales = bytes("e_scales", new long[] {1, 1}, (byte) 127);
    assertThatThrownBy(() -> MicroscaledRows.of(checkpoint(blocks, scales), blocks))
        .isInstanceOf(LengthwiseException.class)
        .hasMessage(
            "Tensors \"e_blocks\" and \"e_scales\" of memory do not belong together: expected bytes"
                + " of the shapes […, blocks, 16] and […, blocks], found e_blocks U8[2, 1, 16] and"
                + " e_scales U8[1, 1].");
  }

  private static MemoryCheckpoint checkpoint(TensorEntry blocks, TensorEntry scales) {
    return new MemoryCheckpoint(Map.of(blocks.name(), blocks, scales.name(), scales));
  }
}

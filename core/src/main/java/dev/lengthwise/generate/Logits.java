package dev.lengthwise.generate;

import java.nio.FloatBuffer;
import org.bytedeco.pytorch.Tensor;

/// Logits as Java arrays.
public final class Logits {

  private Logits() {}

  /// A copy of one row of logits.
  ///
  /// @param logits `[vocabulary]` or any shape of one row, f32 on the CPU
  public static float[] toArray(Tensor logits) {
    Tensor row = logits.contiguous();
    float[] values = new float[(int) row.numel()];
    FloatBuffer buffer = row.createBuffer();
    buffer.get(values);
    return values;
  }
}

package dev.lengthwise.family;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// Which channels of a head turn together.
///
/// Engines know the half-split layout only, pairs `(m, m + rotarySize/2)`, which Hugging Face files
/// use. Files of llama2.c, and GGUF files of the architecture `llama`, have interleaved pairs
/// `(2m, 2m + 1)`: the rows of their query and key projections are put in the other order when
/// they are loaded, which changes no score.
public final class RotaryLayout {

  private RotaryLayout() {}

  /// Rows of a query or key projection from interleaved to half-split pairs, head by head.
  ///
  /// @param rows weight `[heads · headSize, inputs]` or bias `[heads · headSize]`
  /// @param rotarySize first channels of each head that turn; the others stay where they are
  /// @return a new tensor of the same shape and type
  public static Tensor toHalfSplit(Tensor rows, int heads, int headSize, int rotarySize) {
    long inputs = rows.numel() / ((long) heads * headSize);
    Tensor byHead = rows.reshape(heads, headSize, inputs);
    Tensor turning =
        byHead
            .narrow(1, 0, rotarySize)
            .reshape(heads, rotarySize / 2, 2, inputs)
            .transpose(1, 2)
            .reshape(heads, rotarySize, inputs);
    Tensor still = byHead.narrow(1, rotarySize, (long) headSize - rotarySize);
    return torch.cat(new TensorVector(turning, still), 1).reshape(rows.sizes());
  }
}

package dev.lengthwise.family;

import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.parallel.Processor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// The arithmetic of matrix products; norms always have f32.
///
/// Products of a few tokens have f32 activations whatever the weights are. Products of many tokens
/// run in this type: [#F32] keeps what the file says exactly, [#BF16] rounds activations, and
/// weights that are wider, to three digits and is several times as fast where the
/// processor has instructions for it.
public enum Precision {
  /// Single precision.
  F32(ScalarType.Float),
  /// The upper half of single precision.
  BF16(ScalarType.BFloat16);

  private final ScalarType type;

  Precision(ScalarType type) {
    this.type = type;
  }

  /// What a model gets when nobody asks for more: bf16 where its weights are quantised, which costs
  /// more than bf16 does, and the processor multiplies it faster; else f32.
  static Precision of(Checkpoint checkpoint) {
    boolean quantised =
        checkpoint.tensors().values().stream().anyMatch(entry -> entry.type().blockSize() > 1);
    return quantised && Processor.multipliesBfloat16() ? BF16 : F32;
  }

  /// The libtorch type.
  public ScalarType type() {
    return type;
  }
}

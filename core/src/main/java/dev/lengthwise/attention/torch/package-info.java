/// The engine of libtorch operations: differentiable, on any device.
///
/// Start reading at [dev.lengthwise.attention.torch.TorchAttention]. Depends on `position`,
/// `attention`, `cache` and `torch` only. `generate`, `train` and all above them may depend on it.
@NullMarked
package dev.lengthwise.attention.torch;

import org.jspecify.annotations.NullMarked;

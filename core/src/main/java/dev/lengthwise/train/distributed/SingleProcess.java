package dev.lengthwise.train.distributed;

import dev.lengthwise.torch.ComputeDevice;
import org.bytedeco.pytorch.Tensor;

/// A training in one process.
///
/// @param device where it computes
public record SingleProcess(ComputeDevice device) implements DataParallel {

  /// On the processor.
  public static final SingleProcess CPU = new SingleProcess(ComputeDevice.CPU);

  @Override
  public int rank() {
    return 0;
  }

  @Override
  public int size() {
    return 1;
  }

  @Override
  public void sum(Tensor values) {}

  @Override
  public byte[] fromFirst(byte[] content) {
    return content;
  }

  @Override
  public void close() {}
}

package dev.lengthwise.train.distributed;

import dev.lengthwise.torch.ComputeDevice;
import org.bytedeco.pytorch.Tensor;

/// The processes that train one model together: each computes the gradients of its share of every
/// batch, and all move the same weights by the same sum.
///
/// Every method but [#rank] and [#size] is called by all processes in the same order.
public interface DataParallel extends AutoCloseable {

  /// The number of this process, from 0. Only process 0 writes to the run folder.
  int rank();

  /// The number of processes.
  int size();

  /// Where this process computes.
  ComputeDevice device();

  /// Replaces `values` by the sum over all processes; every process gets the same bits.
  ///
  /// @param values contiguous floats on [#device]
  void sum(Tensor values);

  /// What process 0 calls this with; the others' argument does not matter.
  byte[] fromFirst(byte[] content);

  /// Whether this process is the one that writes.
  default boolean isFirst() {
    return rank() == 0;
  }

  @Override
  void close();
}

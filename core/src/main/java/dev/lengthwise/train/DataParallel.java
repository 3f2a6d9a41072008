package dev.lengthwise.train;

import org.bytedeco.pytorch.Tensor;

/// The processes that train one model together: each computes the gradients of its share of every
/// batch, and all move the same weights by the same sum.
///
/// Every method but [#rank] and [#size] is called by all processes in the same order.
public interface DataParallel extends AutoCloseable {

  /// One process.
  DataParallel ALONE = new Alone();

  /// The number of this process, from 0. Only process 0 writes to the run folder.
  int rank();

  /// The number of processes.
  int size();

  /// Replaces `values` by the sum over all processes; every process gets the same bits.
  ///
  /// @param values contiguous floats
  void sum(Tensor values);

  /// What process 0 calls this with; the others' argument does not matter.
  byte[] fromFirst(byte[] content);

  /// Whether this process is the one that writes.
  default boolean isFirst() {
    return rank() == 0;
  }

  @Override
  void close();

  /// No other process.
  final class Alone implements DataParallel {

    private Alone() {}

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
}

package dev.lengthwise.attention.torch;

import java.util.function.Supplier;
import org.bytedeco.openblas.presets.openblas_nolapack;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// The threads of OpenBLAS in operations that are parallel already.
///
/// libtorch's fused attention multiplies in a parallel loop of OpenMP. OpenBLAS, whose threads are
/// others, would share out each of these products once more: they would wait for one another, and
/// it warns of that on standard error, a line for each product.
final class BlasThreads {

  private BlasThreads() {}

  // Operations that run at this moment, in any thread.
  private static int running;

  /// Runs an operation whose products are to run where they are called. With one thread there is no
  /// loop, and nothing changes.
  ///
  /// The number of threads is one for the whole process: the last of several operations at once
  /// sets it back to that of libtorch.
  static Tensor inParallelLoop(Supplier<Tensor> operation) {
    int threads = torch.get_num_threads();
    if (threads == 1) {
      return operation.get();
    }
    count(1, 1);
    try {
      return operation.get();
    } finally {
      count(-1, threads);
    }
  }

  private static synchronized void count(int change, int threads) {
    running += change;
    if (change > 0 || running == 0) {
      openblas_nolapack.blas_set_num_threads(threads);
    }
  }
}

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

  /// Runs an operation whose products are to run where they are called. With one thread there is no
  /// loop, and nothing changes.
  ///
  /// The number is one for the whole process. Afterwards it is that of libtorch, and not what it
  /// was before: another thread may have set it to 1 for the same reason.
  static Tensor inParallelLoop(Supplier<Tensor> operation) {
    int threads = torch.get_num_threads();
    if (threads == 1) {
      return operation.get();
    }
    openblas_nolapack.blas_set_num_threads(1);
    try {
      return operation.get();
    } finally {
      openblas_nolapack.blas_set_num_threads(threads);
    }
  }
}

package dev.lengthwise.attention.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.torch.Libtorch;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.openblas.presets.openblas_nolapack;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class BlasThreadsTest {

  @BeforeAll
  static void load() {
    Libtorch.load();
  }

  @Test
  void productsOfAParallelLoopHaveOneThreadEach() {
    int torchThreads = torch.get_num_threads();
    int blasThreads = openblas_nolapack.blas_get_num_threads();
    try (PointerScope _ = new PointerScope()) {
      torch.set_num_threads(2);
      int[] within = new int[1];
      Tensor result =
          BlasThreads.inParallelLoop(
              () -> {
                within[0] = openblas_nolapack.blas_get_num_threads();
                return torch.ones(2);
              });
      assertThat(result.numel()).isEqualTo(2);
      assertThat(within[0]).isEqualTo(1);
      assertThat(openblas_nolapack.blas_get_num_threads()).isEqualTo(2);
    } finally {
      torch.set_num_threads(torchThreads);
      openblas_nolapack.blas_set_num_threads(blasThreads);
    }
  }

  /// The first of two operations that ends does not give threads to the other.
  @Test
  void theLastOperationGivesThreadsBack() {
    int torchThreads = torch.get_num_threads();
    int blasThreads = openblas_nolapack.blas_get_num_threads();
    try (PointerScope _ = new PointerScope()) {
      torch.set_num_threads(2);
      BlasThreads.inParallelLoop(
          () -> {
            BlasThreads.inParallelLoop(() -> torch.ones(1));
            assertThat(openblas_nolapack.blas_get_num_threads()).isEqualTo(1);
            return torch.ones(1);
          });
      assertThat(openblas_nolapack.blas_get_num_threads()).isEqualTo(2);
    } finally {
      torch.set_num_threads(torchThreads);
      openblas_nolapack.blas_set_num_threads(blasThreads);
    }
  }

  @Test
  void withOneThreadNothingChanges() {
    int torchThreads = torch.get_num_threads();
    int blasThreads = openblas_nolapack.blas_get_num_threads();
    try (PointerScope _ = new PointerScope()) {
      torch.set_num_threads(1);
      BlasThreads.inParallelLoop(
          () -> {
            assertThat(openblas_nolapack.blas_get_num_threads()).isEqualTo(blasThreads);
            return torch.ones(2);
          });
      assertThat(openblas_nolapack.blas_get_num_threads()).isEqualTo(blasThreads);
    } finally {
      torch.set_num_threads(torchThreads);
    }
  }
}

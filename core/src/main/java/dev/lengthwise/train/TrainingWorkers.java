package dev.lengthwise.train;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.attention.torch.TorchAttention;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import org.bytedeco.openblas.presets.openblas_nolapack;
import org.bytedeco.pytorch.global.torch;

/// Threads that run parts of a step side by side, each with single-threaded libtorch operations.
///
/// That is faster than parallel operations, whose threads wait for one another many times in a
/// step (and libtorch's OpenMP threads compete with those of OpenBLAS), and it makes the bits of a
/// result independent of the number of threads.
final class TrainingWorkers implements AutoCloseable {

  private final List<TorchAttention> attentions = new ArrayList<>();
  private final ExecutorService pool;
  private final int torchThreads = torch.get_num_threads();
  private final int blasThreads = openblas_nolapack.blas_get_num_threads();

  TrainingWorkers(int threads) {
    for (int thread = 0; thread < threads; thread++) {
      attentions.add(new TorchAttention());
    }
    openblas_nolapack.blas_set_num_threads(1);
    pool =
        Executors.newFixedThreadPool(
            threads, Thread.ofPlatform().daemon().name("train-", 0).factory());
  }

  /// How many parts run at the same time.
  int threads() {
    return attentions.size();
  }

  /// Work on one part.
  @FunctionalInterface
  interface Part<T> {
    T run(int part, TorchAttention attention);
  }

  /// The results of parts `0 … parts − 1`, in order. Worker `w` runs the parts `w`, `w + threads`,
  /// …
  <T> List<T> run(int parts, Part<T> work) {
    int threads = attentions.size();
    IntFunction<List<T>> share =
        worker -> {
          torch.set_num_threads(1);
          List<T> results = new ArrayList<>();
          for (int part = worker; part < parts; part += threads) {
            results.add(work.run(part, attentions.get(worker)));
          }
          return results;
        };
    List<Future<List<T>>> running = new ArrayList<>();
    for (int worker = 0; worker < Math.min(threads, parts); worker++) {
      int number = worker;
      running.add(pool.submit(() -> share.apply(number)));
    }
    List<List<T>> shares = new ArrayList<>();
    running.forEach(future -> shares.add(resultOf(future)));
    List<T> results = new ArrayList<>();
    for (int part = 0; part < parts; part++) {
      results.add(shares.get(part % threads).get(part / threads));
    }
    return results;
  }

  private static <T> T resultOf(Future<T> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LengthwiseException("Training was interrupted; resume it from its run folder.", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  @Override
  public void close() {
    pool.close();
    torch.set_num_threads(torchThreads);
    openblas_nolapack.blas_set_num_threads(blasThreads);
  }
}

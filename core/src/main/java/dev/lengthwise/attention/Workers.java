package dev.lengthwise.attention;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/// A fixed number of threads that share out numbered tasks.
///
/// Each task writes its own part of the output, so results do not depend on which thread ran it.
public final class Workers implements AutoCloseable {

  private final int threads;
  private final ExecutorService pool;

  /// A pool of `threads` threads, the caller's included.
  public Workers(int threads) {
    if (threads <= 0) {
      throw new IllegalArgumentException("the number of threads must be positive: " + threads);
    }
    this.threads = threads;
    ThreadFactory factory = Thread.ofPlatform().daemon().name("lengthwise-", 1).factory();
    this.pool = Executors.newFixedThreadPool(Math.max(1, threads - 1), factory);
  }

  /// Number of threads, the caller's included.
  public int threads() {
    return threads;
  }

  /// Runs tasks `0 … tasks − 1`; returns when all are done. Each thread makes its scratch memory
  /// once.
  <S> void run(int tasks, Supplier<S> scratch, Task<S> task) {
    AtomicInteger next = new AtomicInteger();
    Runnable loop =
        () -> {
          S own = scratch.get();
          for (int index = next.getAndIncrement(); index < tasks; index = next.getAndIncrement()) {
            task.run(index, own);
          }
        };
    int helpers = Math.min(threads, tasks) - 1;
    List<Future<?>> running = new ArrayList<>();
    for (int helper = 0; helper < helpers; helper++) {
      running.add(pool.submit(loop));
    }
    loop.run();
    running.forEach(Workers::join);
  }

  private static void join(Future<?> future) {
    try {
      future.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("an attention task failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while attention was running", e);
    }
  }

  @Override
  public void close() {
    pool.shutdown();
  }

  /// One numbered task with the scratch memory of its thread.
  @FunctionalInterface
  interface Task<S> {
    void run(int index, S scratch);
  }
}

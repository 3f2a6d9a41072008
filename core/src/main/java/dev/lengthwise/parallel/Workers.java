package dev.lengthwise.parallel;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

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

  /// Runs tasks `0 … tasks − 1`; returns when no thread works on them any more, also when one
  /// failed or the caller was interrupted: tasks may use memory that the caller then releases. Each
  /// thread makes its scratch memory once. The first failure ends the run and is thrown.
  public <S> void run(int tasks, Supplier<S> scratch, Task<S> task) {
    AtomicInteger next = new AtomicInteger();
    AtomicReference<@Nullable Throwable> failed = new AtomicReference<>();
    Runnable loop =
        () -> {
          try {
            S own = scratch.get();
            for (int index = next.getAndIncrement();
                index < tasks;
                index = next.getAndIncrement()) {
              task.run(index, own);
            }
          } catch (RuntimeException | Error failure) {
            failed.compareAndSet(null, failure);
            next.set(tasks); // the others stop after the task that they are at
          }
        };
    int helpers = Math.min(threads, tasks) - 1;
    List<Future<?>> running = new ArrayList<>();
    for (int helper = 0; helper < helpers; helper++) {
      running.add(pool.submit(loop));
    }
    loop.run();
    join(running);
    switch (failed.get()) {
      case null -> {}
      case RuntimeException failure -> throw failure;
      case Error failure -> throw failure;
      case Throwable failure -> throw new IllegalStateException(failure);
    }
  }

  // Waits for all, also when interrupted.
  private static void join(List<Future<?>> running) {
    boolean interrupted = false;
    for (Future<?> future : running) {
      while (future.state() == Future.State.RUNNING) {
        try {
          future.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw new IllegalStateException("loops of tasks catch their failures", e);
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    pool.shutdown();
  }

  /// One numbered task with the scratch memory of its thread.
  @FunctionalInterface
  public interface Task<S> {
    /// Runs task `index`.
    void run(int index, S scratch);
  }
}

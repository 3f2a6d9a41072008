package dev.lengthwise.batch;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;

/// Short tasks of other threads for the thread of a scheduler, which does them between two rounds.
final class RoundTasks {

  private final Runnable wake;

  // Under the monitor of `tasks`.
  private final Deque<FutureTask<?>> tasks = new ArrayDeque<>();
  private boolean closed;

  /// @param wake has the thread look for tasks
  RoundTasks(Runnable wake) {
    this.wake = wake;
  }

  boolean isEmpty() {
    synchronized (tasks) {
      return tasks.isEmpty();
    }
  }

  /// Has a task done, and waits for it.
  ///
  /// @param unclaimed gets its result where the caller was interrupted and the task had begun
  /// @throws SchedulerClosedException where nobody will do it
  /// @throws InterruptedException when the task is over, or never begins
  <T> T call(Callable<T> task, Consumer<T> unclaimed) throws InterruptedException {
    FutureTask<T> future = new FutureTask<>(task);
    synchronized (tasks) {
      if (closed) {
        throw new SchedulerClosedException();
      }
      tasks.add(future);
    }
    wake.run();
    try {
      return result(future);
    } catch (InterruptedException e) {
      abandon(future, unclaimed);
      throw e;
    }
  }

  private static <T> T result(FutureTask<T> future) throws InterruptedException {
    try {
      return future.get();
    } catch (CancellationException _) {
      throw new SchedulerClosedException();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a task between two rounds failed: " + e.getCause(), e);
    }
  }

  // The caller closes what the task works on as soon as this returns.
  private <T> void abandon(FutureTask<T> future, Consumer<T> unclaimed) {
    synchronized (tasks) {
      if (tasks.remove(future)) {
        return;
      }
    }
    boolean over = false;
    while (!over) {
      try {
        unclaimed.accept(result(future));
        over = true;
      } catch (InterruptedException _) {
        // The first one is told when the task is over.
      } catch (SchedulerClosedException | IllegalStateException _) {
        over = true; // there is no result
      }
    }
  }

  /// Does all that are there.
  void run() {
    List<FutureTask<?>> now;
    synchronized (tasks) {
      now = List.copyOf(tasks);
      tasks.clear();
    }
    now.forEach(FutureTask::run);
  }

  /// Calls off those that are there, and refuses others.
  void close() {
    synchronized (tasks) {
      closed = true;
      tasks.forEach(task -> task.cancel(false));
      tasks.clear();
    }
  }
}

package dev.lengthwise.parallel;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A number of threads that share out numbered tasks.
///
/// Each task writes its own part of the output, so results do not depend on which thread ran it.
///
/// Decoding asks for some hundred parallel regions of 20 to 200 µs a token, so a region must start
/// and end in about a microsecond: helpers watch for work for [#SPIN_NANOS] after the last region
/// before they sleep, the caller watches for their end, and nothing is allocated. A helper that
/// wakes too late finds the region closed: the caller waits only for threads that are at work.
public final class Workers implements AutoCloseable {

  /// How long a helper looks for work before it sleeps: longer than what lies between two regions
  /// of a token, shorter than what would take a processor from libtorch's own threads.
  private static final long SPIN_NANOS = 100_000;

  /// Turns of a spinning loop between two looks at the clock.
  private static final int TURNS = 64;

  /// Turns after which a caller that waits for its helpers gives up its processor between two.
  private static final int JOIN_TURNS = 2_000;

  // The gate: the number of the region, whether it is closed, and how many helpers are inside.
  private static final long INSIDE = (1L << 16) - 1;
  private static final long CLOSED = 1L << 16;
  // A shift: the first compiler makes a call of a division of longs.
  private static final int REGION_SHIFT = 17;
  private static final long NEXT_REGION = 1L << REGION_SHIFT;

  /// Most threads of a pool: more than any machine runs at once, and few enough to start.
  public static final int MOST_THREADS = 1024;

  private static final int MOST_OF_A_SMALL_MACHINE = 4;

  private final int threads;
  private final Helper[] helpers;
  private final AtomicLong gate = new AtomicLong(CLOSED);
  private final AtomicBoolean busy = new AtomicBoolean();
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicReference<@Nullable Throwable> failed = new AtomicReference<>();
  private volatile boolean ended;

  // What the region runs; written before the gate opens, read after it was passed.
  private int tasks;
  private Supplier<?> scratch = () -> this;
  private Task<?> task = (index, own) -> {};

  /// A pool of up to `threads` threads, the caller's included.
  public Workers(int threads) {
    if (threads <= 0 || threads > MOST_THREADS) {
      throw new IllegalArgumentException(
          "the number of threads must be from 1 to %d: %d".formatted(MOST_THREADS, threads));
    }
    this.threads = threads;
    this.helpers = new Helper[atWork(threads) - 1];
    for (int helper = 0; helper < helpers.length; helper++) {
      helpers[helper] = new Helper(helper + 1);
    }
    for (Helper helper : helpers) {
      helper.thread.start();
    }
  }

  /// How many of `threads` threads are of use on this machine: those beyond its processors only
  /// wait for one, and cost the time of their waking. A small machine still has some that compete,
  /// so that its tests see what a large one does.
  public static int atWork(int threads) {
    int processors = Runtime.getRuntime().availableProcessors();
    return Math.min(threads, Math.max(processors, MOST_OF_A_SMALL_MACHINE));
  }

  /// Number of threads that were asked for, the caller's included; [#atWork] says how many work.
  public int threads() {
    return threads;
  }

  /// Runs tasks `0 … tasks − 1`; returns when no thread works on them any more, also when one
  /// failed or the caller was interrupted: tasks may use memory that the caller then releases. Each
  /// thread makes its scratch memory once. The first failure ends the run and is thrown.
  ///
  /// A run inside a run, or beside one of another thread, is done by its caller alone.
  public <S> void run(int tasks, Supplier<S> scratch, Task<S> task) {
    if (tasks <= 0) {
      return;
    }
    if (tasks == 1 || helpers.length == 0 || ended || !busy.compareAndSet(false, true)) {
      S own = scratch.get();
      for (int index = 0; index < tasks; index++) {
        task.run(index, own);
      }
      return;
    }
    try {
      open(tasks, scratch, task);
      work();
      closeGate();
      rethrow(failed.getAndSet(null));
    } finally {
      busy.set(false);
    }
  }

  private void open(int tasks, Supplier<?> scratch, Task<?> task) {
    this.tasks = tasks;
    this.scratch = scratch;
    this.task = task;
    next.set(0);
    gate.set((gate.get() & -NEXT_REGION) + NEXT_REGION);
    int wanted = Math.min(tasks - 1, helpers.length);
    for (int helper = 0; helper < wanted; helper++) {
      helpers[helper].wake();
    }
  }

  // No helper comes in any more; those inside are waited for. One that has not ended after some
  // thousand turns may have lost its processor: then it gets this one.
  @SuppressWarnings("ThreadPriorityCheck") // only a courtesy: nothing relies on it
  private void closeGate() {
    gate.getAndUpdate(state -> state | CLOSED);
    for (int turn = 0; (gate.get() & INSIDE) != 0; turn++) {
      if (turn < JOIN_TURNS) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
    }
    scratch = () -> this;
    task = (index, own) -> {};
  }

  // The types of scratch and task belong together: one call of run gave both.
  @SuppressWarnings("unchecked")
  private void work() {
    int count = tasks;
    Task<Object> current = (Task<Object>) task;
    try {
      Object own = scratch.get();
      for (int index = next.getAndIncrement(); index < count; index = next.getAndIncrement()) {
        current.run(index, own);
      }
    } catch (RuntimeException | Error failure) {
      failed.compareAndSet(null, failure);
      next.set(count); // the others stop after the task that they are at
    }
  }

  private static void rethrow(@Nullable Throwable failure) {
    switch (failure) {
      case null -> {}
      case RuntimeException runtime -> throw runtime;
      case Error error -> throw error;
      case Throwable other -> throw new IllegalStateException(other);
    }
  }

  /// Ends the helpers; a later run is done by its caller alone.
  @Override
  public void close() {
    ended = true;
    for (Helper helper : helpers) {
      LockSupport.unpark(helper.thread);
    }
  }

  /// One numbered task with the scratch memory of its thread.
  @FunctionalInterface
  public interface Task<S> {
    /// Runs task `index`.
    void run(int index, S scratch);
  }

  private final class Helper implements Runnable {

    final Thread thread;
    private volatile boolean asleep;

    Helper(int number) {
      this.thread = Thread.ofPlatform().daemon().name("lengthwise-" + number).unstarted(this);
    }

    void wake() {
      if (asleep) {
        LockSupport.unpark(thread);
      }
    }

    @Override
    public void run() {
      long seen = (gate.get() >> REGION_SHIFT) - 1; // the first region may have opened already
      while (!ended) {
        long state = awaitChange(seen);
        seen = state >> REGION_SHIFT;
        if (enter(seen)) {
          try {
            work();
          } finally {
            gate.getAndDecrement();
          }
        }
      }
    }

    // Whether the region is still open; then this helper is inside.
    private boolean enter(long region) {
      long state = gate.get();
      while (state >> REGION_SHIFT == region && (state & CLOSED) == 0) {
        if (gate.compareAndSet(state, state + 1)) {
          return true;
        }
        state = gate.get();
      }
      return false;
    }

    // The state of the gate when another region than `seen` is there, or when all has ended.
    private long awaitChange(long seen) {
      long start = System.nanoTime();
      for (int turn = 1; ; turn++) {
        long state = gate.get();
        if (state >> REGION_SHIFT != seen || ended) {
          return state;
        }
        Thread.onSpinWait();
        if (turn % TURNS == 0 && System.nanoTime() - start > SPIN_NANOS) {
          sleep(seen);
        }
      }
    }

    private void sleep(long seen) {
      asleep = true;
      while (gate.get() >> REGION_SHIFT == seen && !ended) {
        LockSupport.park(Workers.this);
      }
      asleep = false;
    }
  }
}

package dev.lengthwise.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class WorkersTest {

  @Test
  void everyTaskRunsOnce() {
    try (Workers workers = new Workers(3)) {
      AtomicIntegerArray runs = new AtomicIntegerArray(100);
      workers.run(100, () -> runs, (task, own) -> own.incrementAndGet(task));
      for (int task = 0; task < 100; task++) {
        assertThat(runs.get(task)).isEqualTo(1);
      }
      workers.run(0, () -> runs, (task, own) -> own.incrementAndGet(task));
    }
  }

  @Test
  void noTaskRunsAnyMoreWhenAFailureIsThrown() {
    try (Workers workers = new Workers(3)) {
      AtomicInteger running = new AtomicInteger();
      for (int attempt = 0; attempt < 20; attempt++) {
        int failing = attempt % 5;
        assertThatThrownBy(
                () ->
                    workers.run(1000, () -> running, (task, own) -> fail(task == failing, running)))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("bad task");
        assertThat(running).hasValue(0);
      }
    }
  }

  private static void fail(boolean now, AtomicInteger running) {
    running.incrementAndGet();
    try {
      if (now) {
        throw new IllegalArgumentException("bad task");
      }
      Thread.onSpinWait();
    } finally {
      running.decrementAndGet();
    }
  }

  @Test
  void anInterruptedCallerStillWaitsAndStaysInterrupted() {
    try (Workers workers = new Workers(3)) {
      AtomicInteger done = new AtomicInteger();
      Thread.currentThread().interrupt();
      workers.run(500, () -> done, (task, own) -> own.incrementAndGet());
      assertThat(Thread.interrupted()).isTrue();
      assertThat(done).hasValue(500);
    }
  }

  @Test
  void manyShortRunsAfterPausesLoseNoTask() throws InterruptedException {
    try (Workers workers = new Workers(3)) {
      AtomicInteger done = new AtomicInteger();
      for (int run = 1; run <= 20_000; run++) {
        workers.run(4, () -> done, (task, own) -> own.incrementAndGet());
        assertThat(done).hasValue(4 * run);
        if (run % 5_000 == 0) {
          Thread.sleep(5); // longer than helpers watch for work
        }
      }
    }
  }

  @Test
  void aRunInsideARunAndBesideOneIsDoneByItsCaller() throws InterruptedException {
    try (Workers workers = new Workers(2)) {
      AtomicInteger done = new AtomicInteger();
      Thread other = Thread.ofPlatform().start(() -> repeat(500, workers, done));
      repeat(500, workers, done);
      other.join();
      assertThat(done).hasValue(2 * 500 * 3 * 2);
    }
  }

  private static void repeat(int times, Workers workers, AtomicInteger done) {
    for (int time = 0; time < times; time++) {
      workers.run(
          3,
          () -> done,
          (task, own) -> workers.run(2, () -> own, (inner, all) -> all.incrementAndGet()));
    }
  }

  @Test
  void aClosedPoolLeavesTheWorkToItsCaller() {
    Workers workers = new Workers(2);
    workers.close();
    AtomicInteger done = new AtomicInteger();
    workers.run(10, () -> done, (task, own) -> own.incrementAndGet());
    assertThat(done).hasValue(10);
  }

  /// A thousand helpers on two processors took ten times as long as two.
  @Test
  void threadsBeyondTheProcessorsAreNotMade() {
    int processors = Runtime.getRuntime().availableProcessors();
    int before = Thread.activeCount();
    try (Workers workers = new Workers(Workers.MOST_THREADS)) {
      assertThat(workers.threads()).isEqualTo(Workers.MOST_THREADS);
      assertThat(Thread.activeCount() - before).isLessThan(processors + 8);
      AtomicInteger done = new AtomicInteger();
      workers.run(5_000, () -> "", (index, own) -> done.incrementAndGet());
      assertThat(done).hasValue(5_000);
    }
    assertThat(Workers.atWork(1)).isEqualTo(1);
    assertThat(Workers.atWork(processors)).isEqualTo(processors);
  }
}

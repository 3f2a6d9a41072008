package dev.lengthwise.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Tasks between rounds, whose callers may be interrupted at any moment.
@Timeout(20)
class RoundTasksTest {

  private final List<String> unclaimed = new ArrayList<>();
  private final AtomicBoolean interrupted = new AtomicBoolean();

  private Thread caller(RoundTasks tasks, Callable<String> task) {
    return Thread.startVirtualThread(
        () -> {
          try {
            tasks.call(task, unclaimed::add);
          } catch (InterruptedException _) {
            interrupted.set(true);
          }
        });
  }

  @Test
  void whoeverIsInterruptedWaitsForATaskThatHasBegun() throws InterruptedException {
    CountDownLatch there = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    RoundTasks tasks = new RoundTasks(there::countDown);
    Thread caller =
        caller(
            tasks,
            () -> {
              begun.countDown();
              goOn.await();
              return "result";
            });
    there.await();
    Thread round = Thread.startVirtualThread(tasks::run);
    begun.await();
    caller.interrupt();
    caller.interrupt();
    assertThat(caller.join(Duration.ofMillis(200))).as("it waits").isFalse();
    goOn.countDown();
    caller.join();
    round.join();
    assertThat(interrupted).isTrue();
    assertThat(unclaimed).containsExactly("result");
  }

  @Test
  void aTaskWhoseCallerWasInterruptedNeverBegins() throws InterruptedException {
    CountDownLatch there = new CountDownLatch(1);
    RoundTasks tasks = new RoundTasks(there::countDown);
    AtomicBoolean ran = new AtomicBoolean();
    Thread caller =
        caller(
            tasks,
            () -> {
              ran.set(true);
              return "result";
            });
    assertThat(there.await(10, TimeUnit.SECONDS)).isTrue();
    caller.interrupt();
    caller.join();
    tasks.run();
    assertThat(interrupted).isTrue();
    assertThat(ran).isFalse();
    assertThat(unclaimed).isEmpty();
  }

  @Test
  void nobodyWaitsForAThreadThatHasEnded() throws InterruptedException {
    CountDownLatch there = new CountDownLatch(1);
    RoundTasks tasks = new RoundTasks(there::countDown);
    AtomicBoolean refused = new AtomicBoolean();
    Thread caller =
        Thread.startVirtualThread(
            () -> {
              try {
                tasks.call(() -> "result", unclaimed::add);
              } catch (InterruptedException | SchedulerClosedException e) {
                refused.set(e instanceof SchedulerClosedException);
              }
            });
    there.await();
    tasks.close();
    caller.join();
    assertThat(refused).isTrue();
    assertThatThrownBy(() -> tasks.call(() -> "late", unclaimed::add))
        .isInstanceOf(SchedulerClosedException.class);
  }
}

package dev.lengthwise.batch;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Some texts that a scheduler has accepted together: what happens to them, and the way to call
/// them off.
public final class Ticket {

  private final BlockingQueue<Happening> happenings = new LinkedBlockingQueue<>();
  private final Runnable wake;
  private volatile boolean cancelled;

  Ticket(Runnable wake) {
    this.wake = wake;
  }

  /// What happened to one of the texts.
  ///
  /// @param text its number, in the order of the requests
  /// @param event what happened
  public record Happening(int text, TextEvent event) {}

  /// Waits for what happens next to any of the texts.
  ///
  /// @return empty when nothing has in that time
  public Optional<Happening> next(Duration most) throws InterruptedException {
    return Optional.ofNullable(happenings.poll(most.toNanos(), TimeUnit.NANOSECONDS));
  }

  /// Calls the texts off, at any moment: each ends before its next chunk or token, and its memory
  /// is released.
  public void cancel() {
    cancelled = true;
    wake.run();
  }

  boolean isCancelled() {
    return cancelled;
  }

  void tell(int text, TextEvent event) {
    happenings.add(new Happening(text, event));
  }
}

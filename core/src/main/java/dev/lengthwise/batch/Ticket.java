package dev.lengthwise.batch;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/// A text that a scheduler has accepted: what happens to it, and the way to call it off.
public final class Ticket {

  private final BlockingQueue<TextEvent> events = new LinkedBlockingQueue<>();
  private final Runnable wake;
  private volatile boolean cancelled;

  Ticket(Runnable wake) {
    this.wake = wake;
  }

  /// Waits for what happens next.
  public TextEvent next() throws InterruptedException {
    return events.take();
  }

  /// Calls the text off, at any moment: it ends before its next chunk or token, and its memory is
  /// released.
  public void cancel() {
    cancelled = true;
    wake.run();
  }

  boolean isCancelled() {
    return cancelled;
  }

  void tell(TextEvent event) {
    events.add(event);
  }
}

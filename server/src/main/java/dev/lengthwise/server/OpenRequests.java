package dev.lengthwise.server;

import java.time.Duration;

/// The requests that are being answered, for a server that stops: an answer that a client does not
/// yet have is not finished, even where its texts are.
final class OpenRequests {

  // Under the monitor.
  private int count;
  private boolean closed;

  /// Counts a request, unless none may begin any more.
  ///
  /// @return whether it may
  synchronized boolean begin() {
    if (!closed) {
      count++;
    }
    return !closed;
  }

  /// A request that began has been answered.
  synchronized void end() {
    count--;
    notifyAll();
  }

  /// Lets no other one begin.
  synchronized void close() {
    closed = true;
  }

  /// Waits until all have been answered, or the time is over.
  synchronized void await(Duration most) throws InterruptedException {
    long end = System.nanoTime() + most.toNanos();
    long left = most.toMillis();
    while (count > 0 && left > 0) {
      wait(left);
      left = (end - System.nanoTime()) / 1_000_000;
    }
  }
}

package dev.lengthwise.hub;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/// A body of an answer that is given up where nothing comes for a while: Java's client waits for
/// ever.
final class SilenceGuard implements AutoCloseable {

  private final InputStream body;
  private final AtomicLong reads = new AtomicLong();
  private final Thread guard;

  SilenceGuard(InputStream body, Duration silence) {
    this.body = body;
    this.guard = Thread.ofVirtual().start(() -> watch(silence));
  }

  private void watch(Duration silence) {
    try {
      long before = -1;
      while (before != reads.get()) {
        before = reads.get();
        Thread.sleep(silence);
      }
      body.close(); // the reader wakes up with an exception
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the transfer has ended
    } catch (IOException e) {
      // It is of no use any more, whatever state it is in.
      return;
    }
  }

  /// Reads some bytes, as [InputStream#read(byte[])].
  int read(byte[] part) throws IOException {
    int count = body.read(part);
    reads.incrementAndGet();
    return count;
  }

  @Override
  public void close() throws IOException {
    guard.interrupt();
    body.close();
  }
}

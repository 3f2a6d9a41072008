package dev.lengthwise.hub;

import dev.lengthwise.LengthwiseException;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.LongSupplier;

/// How long a transfer is tried for.
///
/// @param attempts most requests in a row that bring nothing
/// @param pause before the second attempt; twice as long before each further one
/// @param silence after which a connection that brings nothing is given up
public record Patience(int attempts, Duration pause, Duration silence) {

  /// For networks between cities: five attempts within half a minute.
  public static final Patience USUAL =
      new Patience(5, Duration.ofSeconds(2), Duration.ofSeconds(60));

  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  /// Something that may fail, and succeed later.
  @FunctionalInterface
  interface Attempt<T> {

    /// Tries once.
    T run() throws IOException;
  }

  /// The result of `attempt`, which is tried again while it fails with an [IOException].
  ///
  /// @param done grows where an attempt brought something, which makes it the first of a row again
  /// @param sentence what to say when patience is exhausted
  <T> T persist(
      Attempt<T> attempt, LongSupplier done, Function<IOException, LengthwiseException> sentence) {
    int failed = 0;
    while (true) {
      long before = done.getAsLong();
      try {
        return attempt.run();
      } catch (IOException e) {
        failed = done.getAsLong() > before ? 1 : failed + 1;
        if (failed >= attempts || !paused(failed, HubBusyException.pauseOf(e))) {
          throw sentence.apply(e);
        }
      }
    }
  }

  // Waits after a failed attempt, at least as long as the hub wanted; no when it must not go on.
  private boolean paused(int failed, Duration wanted) {
    Duration own = pause.multipliedBy(1L << Math.min(failed - 1, 10));
    Duration longer = own.compareTo(wanted) > 0 ? own : wanted;
    try {
      Thread.sleep(longer.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : longer);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}

package dev.lengthwise.family;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.sun.management.ThreadMXBean;
import dev.lengthwise.LengthwiseException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.function.Executable;

/// What an input that was changed at random may take.
///
/// @param time after which a test ends
/// @param bytes on the heap at most
record FuzzLimits(Duration time, long bytes) {

  private static final int SHOWN_FRAMES = 8;

  /// Empty where `work` ends within the limits; otherwise why not: the sentence of a refusal, or
  /// what does not look like one.
  ///
  /// @param mutation what was changed, for the message of a test that takes too long
  Optional<String> tried(String mutation, Executable work) {
    return assertTimeoutPreemptively(
        time,
        () -> {
          ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
          long before = threads.getCurrentThreadAllocatedBytes();
          try {
            work.execute();
          } catch (LengthwiseException e) {
            return Optional.of(String.valueOf(e.getMessage()));
          } catch (Throwable e) {
            return Optional.of(
                e + " at " + Arrays.stream(e.getStackTrace()).limit(SHOWN_FRAMES).toList());
          }
          long taken = threads.getCurrentThreadAllocatedBytes() - before;
          return taken > bytes ? Optional.of(taken + " bytes") : Optional.empty();
        },
        mutation);
  }
}

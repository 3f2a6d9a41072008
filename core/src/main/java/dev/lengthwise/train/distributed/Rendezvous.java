package dev.lengthwise.train.distributed;

import dev.lengthwise.LengthwiseException;
import java.time.Duration;

/// Where and how the processes of one training find one another.
///
/// @param host name or address of the machine of process 0
/// @param port where process 0 listens
/// @param rank number of this process, from 0
/// @param size number of processes
/// @param patience how long to wait for the others, at the start and in a step
public record Rendezvous(String host, int port, int rank, int size, Duration patience) {

  /// The patience of a training: the others may wait while process 0 measures the held-out text.
  public static final Duration USUAL_PATIENCE = Duration.ofMinutes(30);

  /// Checks the numbers.
  public Rendezvous {
    require(!host.isBlank(), "host", "a name or an address", host);
    require(port > 0 && port < 1 << 16, "port", "1 to 65535", port);
    require(size > 0, "number of workers", "at least 1", size);
    require(rank >= 0 && rank < size, "rank", "0 to " + (size - 1), rank);
    require(patience.isPositive(), "patience", "above 0", patience);
  }

  private static void require(boolean condition, String what, String expected, Object found) {
    if (!condition) {
      throw new LengthwiseException(
          "The %s of a rendezvous must be %s; found %s.".formatted(what, expected, found));
    }
  }

  /// `host:port`.
  public String address() {
    return host + ":" + port;
  }
}

package dev.lengthwise.parallel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/// What the operating system says about the memory of this process.
public final class ProcessMemory {

  private ProcessMemory() {}

  /// The most bytes that were resident at once so far; empty where the system does not say, which
  /// is everywhere but on Linux.
  public static OptionalLong peakResident() {
    return bytes("VmHWM:");
  }

  /// The bytes that are resident now; empty where the system does not say.
  public static OptionalLong resident() {
    return bytes("VmRSS:");
  }

  private static OptionalLong bytes(String line) {
    try {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(one -> one.startsWith(line))
          .mapToLong(one -> Long.parseLong(one.replaceAll("\\D", "")) * 1024)
          .findFirst();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }
}

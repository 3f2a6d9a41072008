package dev.lengthwise.parallel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/// What the operating system says about the processor.
public final class Processor {

  // x86-64 and AArch64, as Linux writes them.
  private static final Set<String> BFLOAT16 = Set.of("avx512_bf16", "amx_bf16", "bf16");

  private Processor() {}

  /// Whether bfloat16 is multiplied by instructions of its own: without them libtorch emulates its
  /// products, several times slower than those of f32. `false` where the system does not say, which
  /// is everywhere but on Linux.
  public static boolean multipliesBfloat16() {
    try {
      return multipliesBfloat16(Files.readAllLines(Path.of("/proc/cpuinfo")));
    } catch (IOException e) {
      return false;
    }
  }

  /// The same from the lines of `/proc/cpuinfo`.
  static boolean multipliesBfloat16(List<String> lines) {
    return lines.stream()
        .filter(line -> line.startsWith("flags") || line.startsWith("Features"))
        .flatMap(line -> List.of(line.split("\\s+")).stream())
        .anyMatch(BFLOAT16::contains);
  }
}

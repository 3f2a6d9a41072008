package dev.lengthwise.app.command;

import dev.lengthwise.matrix.MatrixProducts;
import dev.lengthwise.parallel.VectorWidth;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// What a speed depends on besides the program.
final class Machine {

  private Machine() {}

  /// The entries of a protocol.
  static Map<String, Object> entries() {
    Map<String, Object> entries = new LinkedHashMap<>();
    entries.put("processor", processor());
    entries.put("processors", Runtime.getRuntime().availableProcessors());
    entries.put("vector_bits", VectorWidth.bits());
    entries.put("compiled_kernels", MatrixProducts.hasCompiledKernels());
    entries.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    return entries;
  }

  // Only Linux says; elsewhere the architecture has to do.
  private static String processor() {
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(System.getProperty("os.arch"));
    } catch (IOException e) {
      return System.getProperty("os.arch");
    }
  }
}

package dev.lengthwise.app.options;

import dev.lengthwise.generate.Sampling;
import picocli.CommandLine.Option;

/// How tokens are drawn.
public final class SamplingOptions {

  @Option(
      names = {"--temp", "--temperature"},
      paramLabel = "T",
      description = "Temperature; 0 takes the most likely token (default ${DEFAULT-VALUE}).")
  double temperature = 0.8;

  @Option(names = "--top-k", paramLabel = "N", description = "Default ${DEFAULT-VALUE}; 0: off.")
  int topK = 40;

  @Option(names = "--top-p", paramLabel = "P", description = "Default ${DEFAULT-VALUE}; 1: off.")
  double topP = 0.95;

  @Option(names = "--min-p", paramLabel = "P", description = "Default ${DEFAULT-VALUE}; 0: off.")
  double minP = 0.05;

  @Option(names = "--seed", paramLabel = "N", description = "Default ${DEFAULT-VALUE}.")
  long seed;

  /// How tokens are drawn; a value out of range is wrong usage.
  public Sampling sampling() {
    return Usage.checked(() -> new Sampling(temperature, topK, topP, minP, seed));
  }
}

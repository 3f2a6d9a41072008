package dev.lengthwise.train;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.JsonFile;
import dev.lengthwise.io.Sha256;
import dev.lengthwise.train.data.TrainingData;
import dev.lengthwise.train.distributed.DataParallel;
import java.nio.charset.StandardCharsets;

/// What processes that train together must have in common.
final class ConfigConsistency {

  private ConfigConsistency() {}

  /// Checks that all processes have the settings and the data of process 0, and that there is work
  /// for each; [LengthwiseException] otherwise.
  static void require(TrainingSettings config, TrainingData data, DataParallel processes) {
    config.batch().requireWorkFor(processes.size());
    requireSame(JsonFile.line(config), "configuration", processes);
    requireSame(data.identity(), "data folder", processes);
  }

  private static void requireSame(String own, String what, DataParallel processes) {
    String digest = Sha256.of(own.getBytes(StandardCharsets.UTF_8));
    byte[] first = processes.fromFirst(digest.getBytes(StandardCharsets.UTF_8));
    if (!digest.equals(new String(first, StandardCharsets.UTF_8))) {
      throw new LengthwiseException(
          "Worker %d has another %s than worker 0; start all workers with the same --config and the"
                  .formatted(processes.rank(), what)
              + " same data.");
    }
  }
}

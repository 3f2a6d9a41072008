package dev.lengthwise.train;

import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.torch.ComputeDevice;
import dev.lengthwise.train.distributed.DataParallel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Cuts the windows of a step into micro-batches where `batch.sequences` is 0: tries some sizes on
/// random tokens and takes the fastest.
///
/// The size decides in which order gradients are added, that is the last bits: process 0 chooses
/// for all, and the run folder keeps the choice.
final class MicroBatchTuner {

  /// Tokens of the greatest micro-batch that is tried: greater ones only need more memory.
  private static final int MOST_TOKENS = 4096;

  private static final int TRIALS = 2;

  private MicroBatchTuner() {}

  /// `config` with a size of micro-batches.
  ///
  /// @param folder of the run; a run that goes on keeps its size
  static TrainingSettings decide(
      TrainingSettings config,
      ModelSpec spec,
      RunFolder folder,
      DataParallel processes,
      Consumer<String> log) {
    if (config.batch().sequences() > 0) {
      return config;
    }
    String own =
        processes.isFirst() ? Integer.toString(own(config, spec, folder, processes, log)) : "";
    byte[] first = processes.fromFirst(own.getBytes(StandardCharsets.UTF_8));
    int size = Integer.parseInt(new String(first, StandardCharsets.UTF_8));
    return config.withBatch(config.batch().cut(size));
  }

  private static int own(
      TrainingSettings config,
      ModelSpec spec,
      RunFolder folder,
      DataParallel processes,
      Consumer<String> log) {
    if (folder.latest().isPresent()) {
      int kept = folder.config().batch().sequences();
      if (kept > 0) {
        return config.batch().windows() % kept == 0 ? kept : 1; // otherwise it is another run
      }
    }
    int size = fastest(config, spec, sizes(config, processes.size()), processes.device(), log);
    log.accept(
        "micro-batches of %d windows, %d in a step"
            .formatted(size, config.batch().cut(size).accumulation()));
    return size;
  }

  /// The sizes to try: those that divide a step and leave a micro-batch for each thread of each
  /// process; 1 where none does.
  static List<Integer> sizes(TrainingSettings config, int processes) {
    int windows = config.batch().windows();
    int parts = processes * config.threads();
    int most = Math.max(1, Math.min(windows / parts, MOST_TOKENS / config.trainedLength()));
    return IntStream.rangeClosed(1, most).filter(size -> windows % size == 0).boxed().toList();
  }

  private static int fastest(
      TrainingSettings config,
      ModelSpec spec,
      List<Integer> sizes,
      ComputeDevice device,
      Consumer<String> log) {
    if (sizes.size() == 1) {
      return sizes.getFirst();
    }
    // The same number of windows for all, so that the move of the weights weighs the same.
    int windows = sizes.getLast() * config.threads();
    double[] best = new double[sizes.size()]; // seconds of a window
    Arrays.fill(best, Double.MAX_VALUE);
    for (int trial = 0; trial < TRIALS; trial++) {
      for (int index = 0; index < best.length; index++) {
        int size = sizes.get(index);
        TrainConfig.Batch batch =
            new TrainConfig.Batch(
                size, Math.ceilDiv(windows, size), config.batch().gradientCheckpointing());
        best[index] = Math.min(best[index], seconds(config, spec, batch, device) / batch.windows());
      }
    }
    int fastest = 0;
    List<String> speeds = new ArrayList<>();
    for (int index = 0; index < best.length; index++) {
      fastest = best[index] < best[fastest] ? index : fastest;
      speeds.add(
          String.format(
              Locale.ROOT, "%d: %.0f", sizes.get(index), config.trainedLength() / best[index]));
    }
    log.accept("tokens/s by windows of a micro-batch: " + String.join(", ", speeds));
    return sizes.get(fastest);
  }

  private static double seconds(
      TrainingSettings config, ModelSpec spec, TrainConfig.Batch batch, ComputeDevice device) {
    SyntheticTraining.Size size =
        new SyntheticTraining.Size(config.trainedLength(), batch, config.threads(), device);
    boolean half = MatmulPrecision.choose(config.precision(), device) == ScalarType.BFloat16;
    try (SyntheticTraining training = new SyntheticTraining(spec, size, half)) {
      long start = System.nanoTime();
      training.step();
      return (System.nanoTime() - start) * 1e-9;
    }
  }
}

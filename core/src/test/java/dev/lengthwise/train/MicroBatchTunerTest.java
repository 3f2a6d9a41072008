package dev.lengthwise.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.train.distributed.SingleProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The size of micro-batches that the program chooses.
class MicroBatchTunerTest {

  @TempDir private static Path shared;
  private static Path data = Path.of("");

  @TempDir private Path folder;

  @BeforeAll
  static void prepare() {
    data = TinyTraining.data(shared);
  }

  private static TrainConfig config(int sequences, int windows, int threads) {
    return TinyTraining.config(4, threads)
        .withBatch(new TrainConfig.Batch(sequences, windows, false));
  }

  @Test
  void everyThreadOfEveryProcessHasAPart() {
    assertThat(MicroBatchTuner.sizes(config(0, 12, 2), 1)).containsExactly(1, 2, 3, 4, 6);
    assertThat(MicroBatchTuner.sizes(config(0, 12, 2), 2)).containsExactly(1, 2, 3);
    assertThat(MicroBatchTuner.sizes(config(0, 3, 2), 2)).containsExactly(1);
  }

  @Test
  void aSizeThatIsGivenStays() {
    TrainConfig given = config(2, 3, 1);

    assertThat(
            MicroBatchTuner.decide(
                given,
                ModelExport.specOf(given, TinyTraining.ROPE),
                new RunFolder(folder),
                SingleProcess.CPU,
                _ -> {}))
        .isEqualTo(given);
  }

  @Test
  void choiceKeepsTheWindowsOfAStepAndTheRunKeepsTheChoice() throws IOException {
    TrainConfig open = config(0, 4, 1);
    Path once = folder.resolve("once");
    List<String> lines = new ArrayList<>();
    Trainer.run(open, TinyTraining.ROPE, data, once, 2, SingleProcess.CPU, lines::add);
    TrainConfig decided = (TrainConfig) new RunFolder(once).config();
    Trainer.run(open, TinyTraining.ROPE, data, once, 4, SingleProcess.CPU, lines::add);
    Path straight = folder.resolve("straight");
    Trainer.run(decided, TinyTraining.ROPE, data, straight, 4, SingleProcess.CPU, _ -> {});

    assertThat(decided.batch().sequences()).isIn(1, 2, 4);
    assertThat(decided.batch().windows()).isEqualTo(4);
    assertThat(lines)
        .filteredOn(line -> line.startsWith("micro-batches of " + decided.batch().sequences()))
        .hasSize(1);
    assertThat(new RunFolder(once).config()).isEqualTo(decided);
    assertThat(weights(once)).isEqualTo(weights(straight));
  }

  private static byte[] weights(Path run) throws IOException {
    return Files.readAllBytes(
        new RunFolder(run).latest().orElseThrow().resolve(ModelExport.WEIGHTS));
  }
}

package dev.lengthwise.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.train.distributed.DataParallel;
import dev.lengthwise.train.distributed.GlooProcessesTest;
import dev.lengthwise.train.distributed.SingleProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataParallelTrainingTest {

  private static final int STEPS = 12;

  @TempDir static Path shared;
  private static Path data;

  @TempDir Path folder;

  @BeforeAll
  static void prepare() {
    data = TinyTraining.data(shared);
  }

  private static void train(Path run, int until, DataParallel processes) {
    TrainConfig config = TinyTraining.config(STEPS, 1);
    Trainer.run(config, TinyTraining.ROPE, data, run, until, processes, _ -> {});
  }

  private void trainByTwo(String run, int until) throws Exception {
    GlooProcessesTest.together(
        2,
        processes -> {
          // Only the first process has the run folder; the other names one that stays empty.
          train(folder.resolve(processes.isFirst() ? run : "unused"), until, processes);
          return true;
        });
  }

  private List<Double> losses(String run) {
    List<Double> losses = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(folder.resolve(run).resolve("metrics.jsonl"))) {
        losses.add(new ObjectMapper().readTree(line).get("loss").asDouble());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return losses;
  }

  @Test
  void twoProcessesHaveTheLossesOfOne() throws Exception {
    train(folder.resolve("one"), STEPS, SingleProcess.CPU);
    trainByTwo("two", STEPS);

    List<Double> one = losses("one");
    List<Double> two = losses("two");
    assertThat(two).hasSize(STEPS);
    assertThat(one.getLast()).isLessThan(one.getFirst() - 0.3);
    for (int step = 0; step < STEPS; step++) {
      assertThat(two.get(step)).isCloseTo(one.get(step), Offset.offset(1e-4));
    }
    assertThat(folder.resolve("unused")).doesNotExist();
  }

  @Test
  void twoProcessesGoOnFromTheCheckpointOfTheFirst() throws Exception {
    trainByTwo("once", 6);
    trainByTwo("twice", 3);
    trainByTwo("twice", 6);

    assertThat(losses("twice")).isEqualTo(losses("once"));
  }

  @Test
  void moreWorkersThanMicroBatchesAreRefused() {
    assertThatThrownBy(
            () ->
                GlooProcessesTest.together(
                    3,
                    processes -> {
                      train(folder.resolve("three"), 1, processes);
                      return true;
                    }))
        .hasCauseInstanceOf(LengthwiseException.class)
        .hasMessageContaining("3 workers share the micro-batches of a step")
        .hasMessageContaining("batch.accumulation is 2");
  }
}

package dev.lengthwise.train.optimise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.JsonFile;
import dev.lengthwise.train.TinyTraining;
import dev.lengthwise.train.TrainConfig;
import dev.lengthwise.train.optimise.Schedule.Piecewise.Point;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ScheduleTest {

  @TempDir Path folder;

  static Stream<Schedule> everySchedule() {
    return Stream.of(
        new Schedule.Cosine(100, 2, 10, 0.1),
        new Schedule.Linear(100, 2, 10, 0.1),
        new Schedule.Piecewise(100, 2, List.of(new Point(10, 1), new Point(50, 0.5))),
        new Schedule.WarmUpStableDecay(100, 2, 10, 20, 0.1));
  }

  private static void rate(Schedule schedule, int step, double expected) {
    assertThat(schedule.learningRate(step))
        .describedAs("%s", step)
        .isCloseTo(expected, within(1e-12));
  }

  @ParameterizedTest
  @MethodSource("everySchedule")
  void risesInAStraightLineToThePeakAndNeverAgain(Schedule schedule) {
    for (int step = 1; step <= 10; step++) {
      rate(schedule, step, 0.2 * step);
    }
    for (int step = 11; step <= 101; step++) {
      assertThat(schedule.learningRate(step)).isLessThanOrEqualTo(schedule.learningRate(step - 1));
    }
  }

  @Test
  void cosineIsHalfWayInTheMiddle() {
    Schedule schedule = new Schedule.Cosine(110, 2, 10, 0.1);
    rate(schedule, 35, 2 * (0.1 + 0.9 * 0.5 * (1 + Math.sqrt(0.5))));
    rate(schedule, 60, 1.1);
    rate(schedule, 110, 0.2);
    rate(schedule, 200, 0.2);
  }

  @Test
  void linearIsHalfWayInTheMiddle() {
    Schedule schedule = new Schedule.Linear(110, 2, 10, 0.1);
    rate(schedule, 35, 1.55);
    rate(schedule, 60, 1.1);
    rate(schedule, 110, 0.2);
    rate(schedule, 200, 0.2);
  }

  @Test
  void stableStepsAreAtThePeak() {
    Schedule schedule = new Schedule.WarmUpStableDecay(100, 2, 10, 20, 0.1);
    rate(schedule, 30, 2);
    rate(schedule, 65, 1.1);
    rate(schedule, 100, 0.2);
    rate(new Schedule.WarmUpStableDecay(5, 2, 0, 5, 0), 5, 2);
  }

  /// The points of GAU-α (kexue.fm 9052), which start at the peak.
  @Test
  void piecewiseGoesThroughItsPoints() {
    Schedule schedule =
        new Schedule.Piecewise(
            1_500_000,
            1.76e-3,
            List.of(
                new Point(0, 1),
                new Point(160_000, 0.5),
                new Point(640_000, 0.1),
                new Point(1_280_000, 0.01)));
    rate(schedule, 80_000, 1.76e-3 * 0.75);
    rate(schedule, 160_000, 1.76e-3 * 0.5);
    rate(schedule, 400_000, 1.76e-3 * 0.3);
    rate(schedule, 1_280_000, 1.76e-5);
    rate(schedule, 1_500_000, 1.76e-5);
  }

  @ParameterizedTest
  @MethodSource("everySchedule")
  void isReadAsItWasWritten(Schedule schedule) {
    Path file = folder.resolve("train.json");
    TrainConfig config = TinyTraining.with(TinyTraining.config(5, 1), schedule);
    JsonFile.write(file, config);
    assertThat(TrainConfig.read(file)).isEqualTo(config);
  }

  @Test
  void unknownNameNamesTheKnownOnes() throws IOException {
    Path file = folder.resolve("train.json");
    JsonFile.write(file, TinyTraining.config(5, 1));
    String good = Files.readString(file);

    Files.writeString(file, good.replace("\"name\" : \"wsd\"", "\"name\" : \"wavy\""));
    assertThatThrownBy(() -> TrainConfig.read(file))
        .isInstanceOf(LengthwiseException.class)
        .hasMessage(
            "File %s: \"schedule.name\" is \"wavy\"; expected one of [cosine, linear, piecewise, wsd]."
                .formatted(file));
    Files.writeString(file, good.replace("\"name\" : \"wsd\",", ""));
    assertThatThrownBy(() -> TrainConfig.read(file))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("\"schedule.name\" is missing");
  }

  @Test
  void pointsMustRise() {
    assertThatThrownBy(
            () -> new Schedule.Piecewise(9, 1, List.of(new Point(4, 1), new Point(4, 0.5))))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("schedule.points");
    assertThatThrownBy(() -> new Schedule.WarmUpStableDecay(9, 1, 4, 6, 0))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("schedule.stableSteps");
  }
}

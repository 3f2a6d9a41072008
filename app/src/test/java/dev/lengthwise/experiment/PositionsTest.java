package dev.lengthwise.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.evaluate.Measurement;
import dev.lengthwise.evaluate.Measurement.Metric;
import dev.lengthwise.evaluate.PerplexityTask;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PositionsTest {

  @Test
  void everyPositionCountsOnceInABucketOfAQuarterOctave() {
    List<Measurement> measured = new ArrayList<>();
    measured.add(new Measurement(Metric.LOSS, 32, Double.NaN, 9, 1, 0));
    for (int position = 1; position < 32; position++) {
      measured.add(new Measurement(Metric.LOSS_AT_POSITION, position, Double.NaN, position, 2, 0));
    }
    List<Measurement> summarised = Positions.summarised(measured);
    assertThat(summarised.getFirst().metric()).isEqualTo(Metric.LOSS);
    List<Measurement> curve = summarised.subList(1, summarised.size());
    assertThat(curve.stream().mapToLong(Measurement::count).sum()).isEqualTo(31 * 2);
    // 16 to 19 lie below 2^4.25 = 19.03, 20 to 22 below 2^4.5 = 22.6.
    assertThat(curve).extracting(Measurement::length).contains(19, 22, 31);
    assertThat(curve)
        .filteredOn(one -> one.length() == 19)
        .singleElement()
        .extracting(Measurement::value)
        .isEqualTo(17.5);
  }

  @Test
  void milestonesAreMeansUpToALength() {
    List<Measurement> measured = new ArrayList<>();
    for (int position = 1; position < 32; position++) {
      measured.add(new Measurement(Metric.LOSS_AT_POSITION, position, Double.NaN, position, 3, 0));
    }
    Suite suite = new Suite(List.of(new PerplexityTask()), List.of(16, 32), 3, 4, List.of(), 1);

    List<Positions.Milestone> found = Positions.milestones(measured, suite);

    assertThat(found)
        .containsExactly(
            new Positions.Milestone("loss_around", 16, 14.5, 12),
            new Positions.Milestone("loss_of_prefix", 16, 8.5, 48),
            // The last of 32 tokens has no target.
            new Positions.Milestone("loss_around", 32, 29.5, 12),
            new Positions.Milestone("loss_of_prefix", 32, 16, 93));
  }
}

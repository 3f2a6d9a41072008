package dev.lengthwise.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.evaluate.Measurement;
import dev.lengthwise.evaluate.Measurement.Metric;
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
}

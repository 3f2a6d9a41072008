package dev.lengthwise.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CandidatesTest {

  private static double[] logits(int count, String order) {
    Random random = new Random(count);
    double[] logits = new double[count];
    for (int id = 0; id < count; id++) {
      logits[id] =
          switch (order) {
            case "rising" -> id;
            case "falling" -> -id;
            case "ties" -> random.nextInt(5) - 2;
            case "forbidden" -> random.nextBoolean() ? Double.NEGATIVE_INFINITY : random.nextInt(9);
            default -> (float) random.nextGaussian();
          };
    }
    if (count > 3) {
      logits[3] = -0.0;
    }
    return logits;
  }

  @ParameterizedTest
  @CsvSource({
    "1000, random",
    "1000, rising",
    "1000, falling",
    "1000, ties",
    "1000, forbidden",
    "7, ties"
  })
  void theFirstFewAreThoseOfAllSorted(int count, String order) {
    double[] logits = logits(count, order);
    for (int most : new int[] {1, 2, 3, 40, 499, 500, 501, 999, 5000}) {
      Candidates all = new Candidates(logits.clone()).sorted();
      Candidates few = new Candidates(logits.clone());
      all.keep(0, most);
      few.keepFirst(most);
      assertThat(few.count()).isEqualTo(all.count());
      for (int rank = 0; rank < all.count(); rank++) {
        assertThat(few.id(rank)).isEqualTo(all.id(rank));
        assertThat(few.logit(rank)).isEqualTo(all.logit(rank));
      }
      assertThat(Arrays.compare(few.probabilities(), all.probabilities())).isZero();
    }
  }
}

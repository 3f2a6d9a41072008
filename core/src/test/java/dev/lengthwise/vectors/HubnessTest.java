package dev.lengthwise.vectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.vectors.HubnessStudy.Treatment;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Golden numbers: `tools/hubness-fixtures.py` (numpy, scipy, scikit-learn). Bands: three seeds of
/// 2,000 points, measured apart from this program.
class HubnessTest {

  private static final Path FOLDER = Path.of("src/test/resources/vectors");
  private static final Distance EUCLIDEAN = new Distance.Euclidean();
  private static final Workers WORKERS = new Workers(2);

  @AfterAll
  static void close() {
    WORKERS.close();
  }

  private static JsonNode expected(Treatment treatment) throws IOException {
    JsonNode all = new ObjectMapper().readTree(FOLDER.resolve("points.json").toFile());
    // Distances stay where all vectors move alike.
    return all.get(treatment == Treatment.CENTRED ? "as they are" : treatment.label());
  }

  @ParameterizedTest
  @EnumSource(Treatment.class)
  void hubsAreThoseOfScikitLearn(Treatment treatment) throws IOException {
    JsonNode expected = expected(treatment);
    try (Arena arena = Arena.ofShared()) {
      VectorTable points = VectorTable.read(FOLDER.resolve("points.npy"), arena);
      HubnessStudy.Result result = HubnessStudy.of(treatment, points, 10, Partners.NONE, WORKERS);
      int[] counts = new ObjectMapper().convertValue(expected.get("occurrences"), int[].class);
      assertThat(result.hubness().occurrences())
          .containsExactlyElementsOf(Arrays.stream(counts).boxed().toList());
      assertThat(result.hubness().skewness())
          .isCloseTo(expected.get("skewness").asDouble(), offset(1e-12));
    }
  }

  @Test
  void theNearestIsThatOfScikitLearn() throws IOException {
    try (Arena arena = Arena.ofShared()) {
      VectorTable points = VectorTable.read(FOLDER.resolve("points.npy"), arena);
      NearestNeighbours found = NearestNeighbours.of(points, 10, EUCLIDEAN, WORKERS);
      int[] first = IntStream.range(0, 200).map(row -> found.of(row)[0]).toArray();
      JsonNode expected = expected(Treatment.AS_THEY_ARE).get("firstNeighbours");
      assertThat(first).isEqualTo(new ObjectMapper().convertValue(expected, int[].class));
    }
  }

  @ParameterizedTest
  @CsvSource({"1,1", "7,13", "31,64", "32,200", "256,2048"})
  void sizesOfBlocksChangeNoBit(int queries, int others) {
    try (Arena arena = Arena.ofShared();
        Workers alone = new Workers(1)) {
      VectorTable points = RandomPoints.GAUSSIAN.of(131, 37, 5, arena);
      NearestNeighbours usual = NearestNeighbours.of(points, 9, EUCLIDEAN, WORKERS);
      NearestNeighbours found =
          NearestNeighbours.of(
              points, 9, EUCLIDEAN, alone, new NearestNeighbours.Blocks(queries, others));
      assertThat(found.places()).isEqualTo(usual.places());
      assertThat(found.values()).isEqualTo(usual.values());
      Distance proximity = DistanceStatistics.mutualProximity(points, WORKERS);
      assertThat(
              NearestNeighbours.of(
                      points, 9, proximity, alone, new NearestNeighbours.Blocks(queries, others))
                  .values())
          .isEqualTo(NearestNeighbours.of(points, 9, proximity, WORKERS).values());
    }
  }

  @Test
  void neighboursFarFromTheOriginAreStillExact() {
    try (Arena arena = Arena.ofShared()) {
      VectorTable points = RandomPoints.UNIFORM.of(300, 3, 1, arena);
      for (int row = 0; row < points.count(); row++) {
        float[] numbers = points.row(row);
        numbers[0] = Math.round(numbers[0] * 1000) / 1000f + 4000;
        points.put(row, numbers);
      }
      NearestNeighbours found = NearestNeighbours.of(points, 5, EUCLIDEAN, WORKERS);
      for (int row = 0; row < points.count(); row++) {
        int query = row;
        int[] expected =
            IntStream.range(0, 300)
                .filter(other -> other != query)
                .boxed()
                .sorted(
                    (one, other) ->
                        Double.compare(
                            points.squaredDistance(query, one),
                            points.squaredDistance(query, other)))
                .limit(5)
                .mapToInt(Integer::intValue)
                .toArray();
        assertThat(found.of(row)).isEqualTo(expected);
      }
    }
  }

  @Test
  void equallyNearVectorsComeInTheirOrder() {
    try (Arena arena = Arena.ofShared()) {
      VectorTable same =
          VectorTable.of(IntStream.range(0, 40).mapToObj(_ -> new float[] {1, 2}).toList(), arena);
      NearestNeighbours found = NearestNeighbours.of(same, 3, EUCLIDEAN, WORKERS);
      assertThat(found.of(0)).containsExactly(1, 2, 3);
      assertThat(found.of(2)).containsExactly(0, 1, 3);
      Hubness hubness = Hubness.of(same, found);
      assertThat(hubness.most()).isEqualTo(39);
      assertThat(hubness.central()).isEmpty();
      assertThat(hubness.greatest(2)).containsExactly(0, 1);
      // Scales of 0, deviations of 0 and no direction that varies: still an answer.
      for (Treatment treatment : Treatment.values()) {
        assertThat(HubnessStudy.of(treatment, same, 3, Partners.NONE, WORKERS).hubness().most())
            .isEqualTo(39);
      }
    }
  }

  private static Hubness random(RandomPoints kind, int dimension) {
    try (Arena arena = Arena.ofShared()) {
      VectorTable points = kind.of(2000, dimension, 1, arena);
      return Hubness.of(points, NearestNeighbours.of(points, 10, EUCLIDEAN, WORKERS));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GAUSSIAN,3,-0.6,0,0.02",
    "GAUSSIAN,20,1.8,3.6,0.12",
    "GAUSSIAN,100,5,10.5,0.3",
    "UNIFORM,3,-0.2,0.3,0.02",
    "UNIFORM,100,2.2,4.5,0.3"
  })
  void hubsAppearAsTheDimensionGrows(
      RandomPoints kind, int dimension, double least, double most, double antiHubs) {
    Hubness hubness = random(kind, dimension);
    assertThat(hubness.skewness()).isBetween(least, most);
    assertThat(hubness.antiHubs()).isBetween(dimension == 100 ? 0.03 : 0, antiHubs);
    assertThat(hubness.occurrences().stream().mapToInt(Integer::intValue).sum()).isEqualTo(20_000);
    assertThat(hubness.central().orElseThrow()).isLessThan(dimension == 3 ? -0.05 : -0.4);
  }

  @Test
  void normalizingTakesTheHubsOfGaussianPointsAway() {
    try (Arena arena = Arena.ofShared()) {
      VectorTable points = RandomPoints.GAUSSIAN.of(2000, 100, 1, arena);
      HubnessStudy.Result unit =
          HubnessStudy.of(Treatment.NORMALIZED, points, 10, Partners.NONE, WORKERS);
      assertThat(unit.hubness().skewness()).isBetween(0.1, 0.8);
    }
  }

  @Test
  void partnersAreFoundWhereTheyAreNear() {
    try (Arena arena = Arena.ofShared()) {
      VectorTable points =
          VectorTable.of(
              List.of(
                  new float[] {0},
                  new float[] {0.1f},
                  new float[] {5},
                  new float[] {0.3f},
                  new float[] {20}),
              arena);
      NearestNeighbours found = NearestNeighbours.of(points, 2, EUCLIDEAN, WORKERS);
      Partners.Recall recall = Partners.neighbouringRows(5).recall(found);
      // Rows 1 and 2 find one another; row 3 finds row 4, and row 4 does not find row 3.
      assertThat(recall).isEqualTo(new Partners.Recall(0.75, 0.75, 4));
      assertThat(Partners.ofPairs(List.of(new int[] {1, 1})).of()).isEmpty();
    }
  }

  @Test
  void whitenedVectorsHaveTheUnitMatrixAsCovariance() throws IOException {
    try (Arena arena = Arena.ofShared()) {
      VectorTable points = VectorTable.read(FOLDER.resolve("points.npy"), arena);
      VectorTable white = VectorTransform.WHITENED.of(points, arena);
      for (int one = 0; one < white.size(); one++) {
        for (int other = 0; other < white.size(); other++) {
          double sum = 0;
          for (int row = 0; row < white.count(); row++) {
            sum += (double) white.row(row)[one] * white.row(row)[other];
          }
          assertThat(sum / white.count()).isCloseTo(one == other ? 1 : 0, offset(1e-5));
        }
      }
    }
  }

  @Test
  void whatCannotBeComparedIsRefused() {
    try (Arena arena = Arena.ofShared()) {
      VectorTable three = RandomPoints.UNIFORM.of(3, 2, 1, arena);
      assertThatThrownBy(() -> NearestNeighbours.of(three, 3, EUCLIDEAN, WORKERS))
          .isInstanceOf(LengthwiseException.class)
          .hasMessage(
              "3 nearest neighbours were asked for, and each of 3 vectors has 2 others; take fewer,"
                  + " or more vectors.");
      assertThatThrownBy(() -> VectorTable.of(List.of(new float[3], new float[4]), arena))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContaining("Vector 1 has 3 numbers and vector 2 has 4");
    }
  }
}

package dev.lengthwise.attention.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lengthwise.attention.CacheType;
import dev.lengthwise.cache.PageLayout;
import dev.lengthwise.cache.PageWriter;
import dev.lengthwise.compiled.CompiledKernels;
import dev.lengthwise.parallel.VectorWidth;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Both kinds of kernels against plain sums in double, and against each other. The build runs this
/// once for every width of vectors.
class AttentionKernelsTest {

  private static final int KEYS = AttentionKernels.KEYS;

  // Channels of a head: whole vectors, parts of one, and whole and part of a group with a scale.
  private static final int[] SIZES = {1, 4, 24, 32, 33, 64, 80, 128};

  static Stream<AttentionKernels> kernels() {
    List<AttentionKernels> all = new ArrayList<>(List.of(ScalarAttentionKernels.INSTANCE));
    if (VectorWidth.vectorised()) {
      all.add(VectorAttentionKernels.INSTANCE);
      all.add(VectorAttentionKernels.IN_JAVA);
    }
    return all.stream();
  }

  private static float exp2(float x) {
    return VectorAttentionKernels.exp2(FloatVector.broadcast(VectorWidth.floats(), x)).lane(0);
  }

  @Test
  void powersAreWithinTwoUnitsInTheLastPlace() {
    assumeTrue(VectorWidth.vectorised(), "no vectors on this machine");
    SplittableRandom random = new SplittableRandom(1);
    for (int n = 0; n < 100_000; n++) {
      float x = (float) random.nextDouble(-126, AttentionKernels.HEADROOM);
      double expected = Math.pow(2, x);
      assertThat((double) exp2(x)).isCloseTo(expected, within(2.0 * Math.ulp((float) expected)));
    }
  }

  @Test
  void powersOfExtremes() {
    assumeTrue(VectorWidth.vectorised(), "no vectors on this machine");
    for (int whole = -126; whole <= AttentionKernels.HEADROOM; whole++) {
      assertThat(exp2(whole)).isEqualTo(Math.scalb(1f, whole));
      assertThat(ScalarAttentionKernels.powerOfTwo(whole)).isEqualTo(Math.scalb(1f, whole));
    }
    for (float x : new float[] {-126.5f, -200, -1e30f, Float.NEGATIVE_INFINITY}) {
      assertThat(exp2(x)).isZero();
      assertThat(ScalarAttentionKernels.exp2(x)).isZero();
      assertThat(ScalarAttentionKernels.powerOfTwo(x)).isZero();
    }
    assertThat(exp2(-0f)).isEqualTo(1);
    assertThat(exp2(Float.NaN)).isNaN();
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void productsOfAwkwardSizesAreRight(AttentionKernels kernels) {
    SplittableRandom random = new SplittableRandom(2);
    for (int[] rows : new int[][] {{0, 1}, {1, 3}, {0, 6}, {6, 18}, {0, 0}}) {
      for (int inner : new int[] {1, 2, 7, 64}) {
        for (int columns : new int[] {16, 32, 48, 64, 80, 128}) {
          for (boolean add : new boolean[] {false, true}) {
            assertProduct(kernels, random, rows, inner, columns, add);
          }
        }
      }
    }
  }

  private static void assertProduct(
      AttentionKernels kernels,
      SplittableRandom random,
      int[] rows,
      int inner,
      int columns,
      boolean add) {
    float[] left = floats(random, 18 * inner);
    float[] right = floats(random, (columns + 63) / 64 * inner * 64);
    float[] result = floats(random, 18 * columns);
    float[] before = result.clone();
    kernels.multiply(
        new AttentionKernels.Product(left, right, result, inner, columns), rows[0], rows[1], add);
    for (int row = 0; row < 18; row++) {
      for (int column = 0; column < columns; column++) {
        int at = row * columns + column;
        boolean computed = row >= rows[0] && row < rows[1];
        double sum = add || !computed ? before[at] : 0;
        for (int k = 0; computed && k < inner; k++) {
          sum +=
              (double) left[row * inner + k] * right[(column / 64 * inner + k) * 64 + column % 64];
        }
        assertThat((double) result[at])
            .as("rows %s, %d x %d, row %d", Arrays.toString(rows), inner, columns, row)
            .isCloseTo(sum, within(1e-6 * Math.sqrt(inner) + 1e-6));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void weightsAreThoseOfASoftmax(AttentionKernels kernels) {
    SplittableRandom random = new SplittableRandom(3);
    int rows = 12;
    for (float spread : new float[] {0, 1, 30, 500}) {
      AttentionKernels.Softmax softmax =
          new AttentionKernels.Softmax(
              new float[rows],
              new float[rows * AttentionKernels.PARTIAL_SUMS],
              new float[rows * 16],
              16);
      Arrays.fill(softmax.reference(), AttentionKernels.NOTHING_SEEN);
      double[] sums = new double[rows];
      double[] greatest = new double[rows];
      Arrays.fill(greatest, Double.NEGATIVE_INFINITY);
      for (int tile = 0; tile < 4; tile++) {
        float[] scores = floats(random, rows * KEYS);
        for (int at = 0; at < scores.length; at++) {
          scores[at] = at % 5 == 0 ? Float.NEGATIVE_INFINITY : scores[at] * spread * tile;
        }
        for (int row = 0; row < rows; row++) {
          double most = greatest[row];
          for (int key = 0; key < KEYS; key++) {
            most = Math.max(most, scores[row * KEYS + key]);
          }
          sums[row] *= Math.pow(2, greatest[row] - most);
          for (int key = 0; key < KEYS; key++) {
            sums[row] += Math.pow(2, scores[row * KEYS + key] - most);
          }
          greatest[row] = most;
        }
        float[] before = scores.clone();
        kernels.weigh(softmax, scores, 0, rows);
        for (int at = 0; at < scores.length; at++) {
          double weight = Math.pow(2, (double) before[at] - softmax.reference()[at / KEYS]);
          assertThat((double) scores[at]).isCloseTo(weight, within(1e-4 * weight + 1e-37));
        }
      }
      for (int row = 0; row < rows; row++) {
        double total = 0;
        for (int lane = 0; lane < AttentionKernels.PARTIAL_SUMS; lane++) {
          total += softmax.totals()[row * AttentionKernels.PARTIAL_SUMS + lane];
        }
        double expected = sums[row] * Math.pow(2, greatest[row] - softmax.reference()[row]);
        assertThat(total).as("spread %s", spread).isCloseTo(expected, within(1e-4 * expected));
      }
    }
  }

  /// Relative to the size of the result: small scores pass a cap almost as they are.
  @ParameterizedTest
  @MethodSource("kernels")
  void aCapIsAHyperbolicTangent(AttentionKernels kernels) {
    SplittableRandom random = new SplittableRandom(8);
    for (float cap : new float[] {0.5f, 4, 72.1f}) {
      for (double spread : new double[] {1e-6, 0.1, 1, 3, 50, 1e4}) {
        float[] scores = floats(random, 6 * KEYS);
        for (int at = 0; at < scores.length; at++) {
          scores[at] *= (float) (spread * cap);
        }
        float[] capped = scores.clone();
        kernels.cap(cap, capped, 1, 5);
        for (int at = 0; at < scores.length; at++) {
          boolean inside = at >= KEYS && at < 5 * KEYS;
          double expected = inside ? cap * Math.tanh((double) scores[at] / cap) : scores[at];
          assertThat((double) capped[at])
              .as("%s under %s", scores[at], cap)
              .isCloseTo(expected, within(6e-7 * Math.abs(expected)));
        }
      }
    }
    float[] extremes = new float[6 * KEYS];
    Arrays.fill(extremes, 0, KEYS, Float.POSITIVE_INFINITY);
    Arrays.fill(extremes, KEYS, 2 * KEYS, Float.NEGATIVE_INFINITY);
    kernels.cap(3, extremes, 0, 6);
    assertThat(extremes).startsWith(3).endsWith(0).contains(-3);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void rowsThatSawNothingHaveNoWeight(AttentionKernels kernels) {
    AttentionKernels.Softmax softmax =
        new AttentionKernels.Softmax(
            new float[6], new float[6 * AttentionKernels.PARTIAL_SUMS], new float[6 * 16], 16);
    Arrays.fill(softmax.reference(), AttentionKernels.NOTHING_SEEN);
    float[] scores = new float[6 * KEYS];
    Arrays.fill(scores, Float.NEGATIVE_INFINITY);
    kernels.weigh(softmax, scores, 0, 6);
    assertThat(scores).containsOnly(0);
    assertThat(softmax.totals()).containsOnly(0);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void biasAndRotationAreThoseOfTheFormulas(AttentionKernels kernels) {
    SplittableRandom random = new SplittableRandom(4);
    float[] slopes = floats(random, 6);
    float[] queries = floats(random, 6);
    float[] keys = floats(random, KEYS);
    float[] scores = floats(random, 6 * KEYS);
    float[] biased = scores.clone();
    kernels.addBias(new AttentionKernels.Bias(slopes, queries, keys), biased, 1, 5);
    for (int at = 0; at < scores.length; at++) {
      int row = at / KEYS;
      double bias = slopes[row] * ((double) keys[at % KEYS] - queries[row]);
      double expected = scores[at] + (row >= 1 && row < 5 ? bias : 0);
      assertThat((double) biased[at]).isCloseTo(expected, within(1e-6));
    }
    float[] rotated = floats(random, 7 * KEYS); // three pairs and a channel that stays
    float[] before = rotated.clone();
    float[] phases = floats(random, 6 * KEYS);
    kernels.rotateKeys(rotated, phases, 3);
    for (int at = 0; at < 3 * KEYS; at++) {
      double cos = phases[at];
      double sin = phases[3 * KEYS + at];
      assertThat((double) rotated[at])
          .isCloseTo(before[at] * cos - before[3 * KEYS + at] * sin, within(1e-6));
      assertThat((double) rotated[3 * KEYS + at])
          .isCloseTo(before[at] * sin + before[3 * KEYS + at] * cos, within(1e-6));
    }
    assertThat(Arrays.copyOfRange(rotated, 6 * KEYS, 7 * KEYS))
        .isEqualTo(Arrays.copyOfRange(before, 6 * KEYS, 7 * KEYS));
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void aVectorTurnsPairByPair(AttentionKernels kernels) {
    SplittableRandom random = new SplittableRandom(6);
    for (int pairs : new int[] {0, 1, 3, 16, 21, 32}) {
      float[] vector = floats(random, 2 * pairs + 5);
      float[] before = vector.clone();
      float[] phases = floats(random, 3 * 2 * pairs);
      kernels.rotate(vector, 2, phases, 1, pairs); // the second of three tokens
      for (int at = 0; at < vector.length; at++) {
        int pair = at - 2;
        double expected = before[at];
        if (pair >= 0 && pair < pairs) {
          expected =
              before[at] * (double) phases[2 * pairs + pair]
                  - before[at + pairs] * (double) phases[3 * pairs + pair];
        } else if (pair >= pairs && pair < 2 * pairs) {
          expected =
              before[at - pairs] * (double) phases[2 * pairs + pair]
                  + before[at] * (double) phases[pairs + pair];
        }
        assertThat((double) vector[at])
            .as("pair %d of %d", pair, pairs)
            .isCloseTo(expected, within(1e-6));
      }
    }
  }

  /// What is written into a page is read back: exactly, rounded to eight bits of mantissa, or to
  /// steps of the greatest of 32 channels over 127.
  @ParameterizedTest
  @MethodSource("kernels")
  void pagesGiveBackWhatWasWritten(AttentionKernels kernels) {
    SplittableRandom random = new SplittableRandom(5);
    for (CacheType type : CacheType.values()) {
      for (PageLayout.Kind kind : PageLayout.Kind.values()) {
        for (int size : SIZES) {
          assertRead(kernels, new PageLayout(kind, type, 3, size), random);
        }
      }
    }
  }

  private static void assertRead(
      AttentionKernels kernels, PageLayout layout, SplittableRandom random) {
    int size = layout.size();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment page = arena.allocate(layout.bytes());
      float[][][] written = new float[3][KEYS][];
      for (int head = 0; head < 3; head++) {
        for (int token = 0; token < KEYS; token++) {
          written[head][token] = floats(random, size);
          if (token == 7) {
            Arrays.fill(written[head][token], 0);
          }
          PageWriter.write(layout, page, head, token, written[head][token], 0);
        }
      }
      for (int head = 0; head < 3; head++) {
        float[] read = new float[layout.decodedElements()];
        kernels.read(layout, page, head, read);
        for (int token = 0; token < KEYS; token++) {
          for (int channel = 0; channel < size; channel++) {
            float expected = written[head][token][channel];
            assertThat(read[layout.decodedElement(token, channel)])
                .as("%s, head %d, token %d, channel %d", layout, head, token, channel)
                .isCloseTo(expected, within(step(layout.type(), expected)));
          }
        }
      }
    }
  }

  /// The kernels of single rows give what decoding and the product give: to the bit, but for the
  /// rounded products of the scalar ones.
  @ParameterizedTest
  @MethodSource("kernels")
  void singleRowsNeedNoDecoding(AttentionKernels kernels) {
    SplittableRandom random = new SplittableRandom(7);
    for (CacheType type : CacheType.values()) {
      for (int size : SIZES) {
        assertRow(kernels, new PageLayout(PageLayout.Kind.KEYS, type, 2, size), random);
        assertRow(kernels, new PageLayout(PageLayout.Kind.VALUES, type, 2, size), random);
      }
    }
  }

  private static void assertRow(
      AttentionKernels kernels, PageLayout layout, SplittableRandom random) {
    boolean keys = layout.kind() == PageLayout.Kind.KEYS;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment page = page(layout, arena, random);
      float[] decoded = new float[layout.decodedElements()];
      kernels.read(layout, page, 1, decoded);
      int inner = keys ? layout.size() : KEYS;
      int columns = keys ? KEYS : layout.width();
      float[] left = floats(random, 2 * inner);
      float[] expected = floats(random, 2 * columns);
      float[] found = expected.clone();
      kernels.multiply(
          new AttentionKernels.Product(left, decoded, expected, inner, columns), 1, 2, !keys);
      if (keys) {
        kernels.scoreRow(layout, page, 1, left, 1, found);
      } else {
        kernels.sumRow(layout, page, 1, left, 1, found);
      }
      assertThat(found)
          .as("%s", layout)
          .containsExactly(
              expected, offset(kernels == ScalarAttentionKernels.INSTANCE ? 2e-5f : 0f));
    }
  }

  // Whose second head has random numbers.
  private static MemorySegment page(PageLayout layout, Arena arena, SplittableRandom random) {
    MemorySegment page = arena.allocate(layout.bytes());
    for (int token = 0; token < KEYS; token++) {
      PageWriter.write(layout, page, 1, token, floats(random, layout.size()), 0);
    }
    return page;
  }

  /// What is compiled from C has the state of the kernels in Java to the bit, page after page, also
  /// where references rise. At another width the partial sums of the weights are others.
  @Test
  void compiledAttentionIsThatOfTheKernelsInJava() {
    assumeTrue(VectorWidth.bits() >= 256, "no vectors on this machine that those in C have");
    assumeTrue(CompiledKernels.best().isPresent(), "no kernels in C on this machine");
    SplittableRandom random = new SplittableRandom(9);
    for (int bits : new int[] {256, 512}) {
      CompiledAttention compiled = CompiledAttention.ofBits(bits).orElseThrow();
      for (CacheType type : CacheType.values()) {
        for (int size : SIZES) {
          for (int rows : new int[] {1, 2, 3, 4, 7, 16}) {
            int valueSize = SIZES[rows % SIZES.length];
            assertAttention(
                compiled,
                new PageLayout(PageLayout.Kind.KEYS, type, 4, size),
                new PageLayout(PageLayout.Kind.VALUES, type, 4, valueSize),
                rows,
                random);
          }
        }
      }
    }
  }

  private static void assertAttention(
      CompiledAttention compiled,
      PageLayout keys,
      PageLayout values,
      int rows,
      SplittableRandom random) {
    int heads = 1 + rows % 3;
    AttentionKernels.Softmax expected = nothingSeen(heads * rows, values.width());
    AttentionKernels.Softmax found = nothingSeen(heads * rows, values.width());
    boolean sameWidth = compiled.bits() == VectorWidth.bits();
    try (Arena arena = Arena.ofConfined()) {
      for (int step = 0; step < 3; step++) {
        int count = step == 2 ? 1 : 2;
        AttentionKernels.Pages pages =
            new AttentionKernels.Pages(
                keys,
                values,
                pages(keys, count, arena, random),
                pages(values, count, arena, random),
                count,
                1,
                heads);
        float[] queries = floats(random, heads * rows * keys.size());
        for (int at = 0; at < queries.length; at++) {
          queries[at] *= 1 + 40 * step;
        }
        AttentionKernels.Runs runs = step == 2 ? runs(rows, random) : null;
        VectorAttentionKernels.IN_JAVA.attend(pages, runs, queries, rows, expected);
        compiled.attend(pages, runs, queries, rows, found);
        String what = "%s, %s, %d rows, step %d".formatted(keys, values, rows, step);
        assertThat(found.reference()).as(what).containsExactly(expected.reference());
        assertThat(found.weighted()).as(what).containsExactly(expected.weighted());
        if (sameWidth) {
          assertThat(found.totals()).as(what).containsExactly(expected.totals());
        }
        for (int row = 0; row < heads * rows; row++) {
          double total = total(expected, row);
          assertThat(total(found, row)).as(what).isCloseTo(total, within(1e-5 * total));
        }
      }
    }
  }

  // Whose heads but the first have random numbers.
  private static MemorySegment[] pages(
      PageLayout layout, int count, Arena arena, SplittableRandom random) {
    MemorySegment[] pages = new MemorySegment[count];
    for (int n = 0; n < count; n++) {
      pages[n] = arena.allocate(layout.bytes());
      for (int head = 1; head < layout.heads(); head++) {
        for (int token = 0; token < KEYS; token++) {
          PageWriter.write(layout, pages[n], head, token, floats(random, layout.size()), 0);
        }
      }
    }
    return pages;
  }

  @Test
  void compiledRotationsAreThoseOfTheKernelsInJava() {
    assumeTrue(VectorWidth.bits() > 0, "no kernels in Java on vectors of this width");
    assumeTrue(CompiledAttention.ofBits(512).isPresent(), "no kernels in C");
    CompiledAttention compiled = CompiledAttention.ofBits(512).orElseThrow();
    SplittableRandom random = new SplittableRandom(29);
    for (int pairs : new int[] {1, 5, 16, 32, 50}) {
      float[] phases = floats(random, 3 * 2 * pairs);
      float[] expected = floats(random, 2 * pairs + 4);
      float[] found = expected.clone();
      VectorAttentionKernels.IN_JAVA.rotate(expected, 3, phases, 1, pairs);
      compiled.rotate(found, 3, phases, 1, pairs);
      assertThat(found).containsExactly(expected);
    }
  }

  // After a position that is not meant; now and then a row sees nothing.
  private static AttentionKernels.Runs runs(int rows, SplittableRandom random) {
    int group = rows % 2 == 0 ? 2 : 1;
    int positions = 1 + rows / group;
    int[] from = random.ints(positions, 0, AttentionKernels.KEYS).toArray();
    int[] until = random.ints(positions, 0, AttentionKernels.KEYS + 1).toArray();
    return new AttentionKernels.Runs(from, until, 1, group);
  }

  private static AttentionKernels.Softmax nothingSeen(int rows, int width) {
    float[] reference = new float[rows];
    Arrays.fill(reference, AttentionKernels.NOTHING_SEEN);
    return new AttentionKernels.Softmax(
        reference, new float[rows * AttentionKernels.PARTIAL_SUMS], new float[rows * width], width);
  }

  private static double total(AttentionKernels.Softmax softmax, int row) {
    double total = 0;
    for (int lane = 0; lane < AttentionKernels.PARTIAL_SUMS; lane++) {
      total += softmax.totals()[row * AttentionKernels.PARTIAL_SUMS + lane];
    }
    return total;
  }

  private static float step(CacheType type, float value) {
    return switch (type) {
      case F32 -> 0;
      case BF16 -> Math.abs(value) / 256;
      case Q8_0 -> 0.51f / 127;
    };
  }

  private static float[] floats(SplittableRandom random, int count) {
    float[] values = new float[count];
    for (int at = 0; at < count; at++) {
      values[at] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }
}

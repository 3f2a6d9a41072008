package dev.lengthwise.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

class KernelsTest {

  private static float exp(float x) {
    return FloatExp.of(FloatVector.broadcast(MatrixKernel.SPECIES, x)).lane(0);
  }

  @Test
  void expIsWithinTwoUnitsInTheLastPlace() {
    SplittableRandom random = new SplittableRandom(1);
    for (int n = 0; n < 100_000; n++) {
      float x = (float) random.nextDouble(-87, 0);
      double expected = Math.exp(x);
      assertThat((double) exp(x)).isCloseTo(expected, within(2.0 * Math.ulp((float) expected)));
    }
  }

  @Test
  void expOfExtremes() {
    assertThat(exp(0)).isEqualTo(1);
    assertThat(exp(-0f)).isEqualTo(1);
    assertThat(exp(-88)).isZero();
    assertThat(exp(-1e30f)).isZero();
    assertThat(exp(Float.NEGATIVE_INFINITY)).isZero();
    assertThat(exp(Float.NaN)).isNaN();
  }

  @Test
  void productsOfAwkwardSizesAreRight() {
    SplittableRandom random = new SplittableRandom(2);
    for (int rows : new int[] {1, 3, 4, 5, 8, 13}) {
      for (int inner : new int[] {0, 1, 2, 7, 64}) {
        for (int vectors : new int[] {1, 2, 3, 5}) {
          for (boolean accumulate : new boolean[] {false, true}) {
            assertProduct(random, rows, inner, vectors * MatrixKernel.LANES, accumulate);
          }
        }
      }
    }
  }

  private static void assertProduct(
      SplittableRandom random, int rows, int inner, int columns, boolean accumulate) {
    float[] a = floats(random, 3 + rows * inner); // transposed, after three other numbers
    float[] b = floats(random, inner * columns);
    float[] c = floats(random, rows * columns);
    double[] expected = new double[c.length];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        double sum = accumulate ? c[row * columns + column] : 0;
        for (int k = 0; k < inner; k++) {
          sum += (double) a[3 + k * rows + row] * b[k * columns + column];
        }
        expected[row * columns + column] = sum;
      }
    }
    MatrixKernel.Left left = new MatrixKernel.Left(a, 3, 1, rows);
    MatrixKernel.multiply(left, b, c, rows, inner, columns, accumulate);
    for (int at = 0; at < c.length; at++) {
      assertThat((double) c[at])
          .as("%d x %d x %d", rows, inner, columns)
          .isCloseTo(expected[at], within(1e-5));
    }
  }

  private static float[] floats(SplittableRandom random, int count) {
    float[] values = new float[count];
    for (int at = 0; at < count; at++) {
      values[at] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }
}

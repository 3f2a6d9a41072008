package dev.lengthwise.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class BoundsTest {

  @Test
  void holdsItsLowerEndAndNotItsUpperEnd() {
    Bounds bounds = new Bounds(3, 7);
    assertThat(bounds.contains(2)).isFalse();
    assertThat(bounds.contains(3)).isTrue();
    assertThat(bounds.contains(6)).isTrue();
    assertThat(bounds.contains(7)).isFalse();
  }

  @Test
  void agreesWithCountingOnEveryInterval() {
    Bounds bounds = new Bounds(3, 7);
    for (long low = -2; low < 10; low++) {
      for (long high = low; high < 10; high++) {
        long inside = 0;
        for (long value = low; value <= high; value++) {
          inside += bounds.contains(value) ? 1 : 0;
        }
        assertThat(bounds.containsAll(low, high)).isEqualTo(inside == high - low + 1);
        assertThat(bounds.intersects(low, high)).isEqualTo(inside > 0);
      }
    }
  }

  @Test
  void withoutAnUpperEndHoldsEveryIndex() {
    assertThat(Bounds.ALL.contains(1L << 50)).isTrue();
    assertThat(Bounds.atLeast(5).contains(4)).isFalse();
    assertThat(Bounds.atLeast(5).contains(1L << 50)).isTrue();
    assertThat(Bounds.below(0).contains(0)).isFalse();
  }

  @Test
  void refusesEndsInTheWrongOrder() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Bounds(4, 3));
    assertThatIllegalArgumentException().isThrownBy(() -> new Bounds(-1, 3));
  }
}

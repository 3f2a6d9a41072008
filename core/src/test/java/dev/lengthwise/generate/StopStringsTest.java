package dev.lengthwise.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class StopStringsTest {

  @Test
  void withoutStopsEverythingPasses() {
    StopStrings stops = new StopStrings(List.of());
    assertThat(stops.accept("abc")).isEqualTo("abc");
    assertThat(stops.rest()).isEmpty();
  }

  @Test
  void aStopStringMayComeInPieces() {
    StopStrings stops = new StopStrings(List.of("END"));
    assertThat(stops.accept("one E")).isEqualTo("one ");
    assertThat(stops.accept("N")).isEmpty();
    assertThat(stops.accept("D two")).isEmpty();
    assertThat(stops.stopped()).isTrue();
    assertThat(stops.rest()).isEmpty();
  }

  @Test
  void whatOnlyLookedLikeAStopStringIsReleased() {
    StopStrings stops = new StopStrings(List.of("aab"));
    assertThat(stops.accept("xa")).isEqualTo("x");
    assertThat(stops.accept("a")).isEmpty();
    assertThat(stops.accept("a")).isEqualTo("a"); // "aa" may still begin "aab"
    assertThat(stops.accept("c")).isEqualTo("aac");
    assertThat(stops.stopped()).isFalse();
  }

  @Test
  void theFirstOfSeveralCuts() {
    StopStrings stops = new StopStrings(List.of("\n", "two"));
    assertThat(stops.accept("one two\nthree")).isEqualTo("one ");
    assertThat(stops.stopped()).isTrue();
  }

  @Test
  void whatIsHeldAtTheEndIsText() {
    StopStrings stops = new StopStrings(List.of("abc"));
    assertThat(stops.accept("xab")).isEqualTo("x");
    assertThat(stops.rest()).isEqualTo("ab");
    assertThat(stops.rest()).isEmpty();
  }
}

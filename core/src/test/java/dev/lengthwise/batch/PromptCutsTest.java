package dev.lengthwise.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PromptCutsTest {

  private static List<Integer> first(int chunk, int count) {
    PromptCuts cuts = new PromptCuts(chunk);
    return Stream.iterate(0, cuts::after).limit(count).toList();
  }

  @Test
  void chunksGrowByHalfOfWhatIsBeforeThemUpToTheGreatest() {
    assertThat(first(512, 12))
        .containsExactly(0, 64, 128, 192, 256, 384, 576, 832, 1216, 1728, 2240, 2752);
    assertThat(first(48, 4)).containsExactly(0, 48, 96, 144);
  }

  @Test
  void theLastCutWithinAPromptIsNotBeyondIt() {
    PromptCuts cuts = new PromptCuts(512);
    assertThat(Stream.of(0, 63, 64, 383, 384, 1217).map(cuts::lastWithin))
        .containsExactly(0, 0, 64, 256, 384, 1216);
    assertThat(new PromptCuts(1 << 30).lastWithin(Integer.MAX_VALUE)).isPositive();
  }
}

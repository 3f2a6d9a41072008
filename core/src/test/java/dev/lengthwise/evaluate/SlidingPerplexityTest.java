package dev.lengthwise.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.generate.ChainDecoder;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.generate.TinyDecoder;
import dev.lengthwise.method.Rope;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanFunction;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SlidingPerplexityTest {

  private static final int[] IDS = TinyDecoder.ids(23, 4);

  private static InferenceModel tiny() {
    ModelShape shape = TinyDecoder.shape(32);
    Rope rope = new Rope();
    return new InferenceModel(
        TinyDecoder.random(shape, rope, 1),
        new PlanFunction(shape, rope, rope),
        new ReferenceAttention());
  }

  @Test
  void everyTokenButTheFirstCountsOnceAtAnyStride() {
    InferenceModel uniform = ChainDecoder.uniform(TinyDecoder.VOCABULARY);
    for (int window = 2; window <= 30; window += 3) {
      for (int stride = 1; stride <= window; stride++) {
        long[] read = {0};
        SlidingPerplexity.Result result =
            new SlidingPerplexity(window, stride).measure(uniform, IDS, 5, n -> read[0] += n);
        assertThat(result.tokensScored()).isEqualTo(IDS.length - 1);
        assertThat(read[0]).isEqualTo(IDS.length - 1);
        assertThat(Math.exp(result.loss())).isCloseTo(TinyDecoder.VOCABULARY, within(1e-4));
      }
    }
  }

  @Test
  void aStrideOfTheWholeWindowReadsChunks() {
    InferenceModel inference = tiny();
    double sum = 0;
    for (int start = 0; start < IDS.length - 1; start += 8) {
      int[] chunk = Arrays.copyOfRange(IDS, start, Math.min(IDS.length, start + 9));
      sum += Arrays.stream(TokenLosses.of(inference, chunk, 16, 0)).sum();
    }
    double loss = new SlidingPerplexity(8, 8).measure(inference, IDS, 16, n -> {}).loss();
    assertThat(loss).isCloseTo(sum / (IDS.length - 1), within(1e-9));
  }

  @Test
  void aWindowOfTheWholeTextIsItsPlainLoss() {
    InferenceModel inference = tiny();
    double[] losses = TokenLosses.of(inference, IDS, 7, 0);
    double loss = new SlidingPerplexity(50, 3).measure(inference, IDS, 7, n -> {}).loss();
    assertThat(loss).isCloseTo(TokenLosses.mean(losses, 0, losses.length), within(1e-9));
  }

  @Test
  void aStrideBeyondTheWindowIsAnError() {
    assertThatThrownBy(() -> new SlidingPerplexity(8, 9))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--stride");
  }
}

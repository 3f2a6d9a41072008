package dev.lengthwise.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.app.command.HeldOutDocument;
import dev.lengthwise.app.options.Home;
import dev.lengthwise.app.options.ModelOptions;
import dev.lengthwise.evaluate.TokenLosses;
import dev.lengthwise.generate.GenerationOptions;
import dev.lengthwise.generate.Sampling;
import dev.lengthwise.generate.Sequence;
import dev.lengthwise.runtime.OpenModel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/// The bundled model shows what the papers show, on a text that it never saw.
class BundledModelTest {

  private static final int LENGTH = 2048;

  @Test
  void plainRopeGetsWorsePastTheTrainedLengthAndOthersDoNot() {
    try (OpenModel open = options().open()) {
      int[] ids = text(open);
      double trained = late(open, "rope", ids, 128, 256);
      double rope = late(open, "rope", ids, LENGTH - 512, LENGTH - 1);
      for (String method : List.of("lm-infinite", "rerope:window=64", "window")) {
        double kept = late(open, method, ids, LENGTH - 512, LENGTH - 1);
        assertThat(rope).as("rope against %s", method).isGreaterThan(kept + 0.2);
      }
      assertThat(trained).isLessThan(5);
    }
  }

  @Test
  void withinTheTrainedLengthLmInfiniteIsThePlainModel() {
    try (OpenModel open = options().open()) {
      int[] ids = Arrays.copyOf(text(open), 256);
      assertThat(losses(open, "lm-infinite", ids)).isEqualTo(losses(open, "rope", ids));
    }
  }

  @Test
  void completesJava() {
    try (OpenModel open = options().open();
        Sequence sequence = open.inference("rope", OptionalLong.empty()).newSequence()) {
      String begun = "public static int max(int a, int b) {\n    if (a > b) {\n      ";
      int[] prompt = open.tokenizer().encodePrompt(begun);
      String text =
          open.generator()
              .generate(
                  sequence,
                  new int[0],
                  prompt,
                  new GenerationOptions(40, 64, Sampling.GREEDY, List.of()),
                  piece -> {},
                  () -> false)
              .text();
      assertThat(text).contains("return");
    }
  }

  private static ModelOptions options() {
    ModelOptions options = new ModelOptions();
    options.model = Path.of("..", "models", Home.BUNDLED_MODEL).toString();
    return options;
  }

  private static int[] text(OpenModel open) {
    int[] ids =
        HeldOutDocument.read(Path.of("target", "held-out-sources.jar"))
            .tokens(open.tokenizer())
            .ids();
    return Arrays.copyOf(ids, LENGTH);
  }

  private static double late(OpenModel open, String method, int[] ids, int from, int until) {
    return TokenLosses.mean(losses(open, method, ids), from, Math.min(until, ids.length - 1));
  }

  private static double[] losses(OpenModel open, String method, int[] ids) {
    return TokenLosses.of(open.inference(method, OptionalLong.of(ids.length)), ids, 512, 0);
  }
}

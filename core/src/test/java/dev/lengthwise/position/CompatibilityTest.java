package dev.lengthwise.position;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.method.LongRope;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Methods;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Every method of the catalogue on a model that was trained with every method that can be trained.
class CompatibilityTest {

  private static final ModelShape SHAPE = new ModelShape(4, 4, 2, 16, 16, 10_000, 32);

  private static PositionMethod method(String text) {
    List<Double> divisors = Collections.nCopies(8, 2.0);
    PositionMethod lists = new LongRope(divisors, divisors, 32, 1);
    return new MethodParser(SHAPE, lists, OptionalLong.of(256)).parse(text);
  }

  private static Optional<String> refusal(String declared, String chosen) {
    return Compatibility.refusal(SHAPE, method(declared), method(chosen));
  }

  /// The methods that make no sense on a model trained with `declared`; all others do.
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          rope                   | alibi kerple sandwich t5 fire nope key-norm query-norm cosine coca xpos inverse-leaky hwfa hwfa2 random-positions
          rope+log-n:minimum=0   | yarn dynamic-yarn log-n attention-scale alibi kerple sandwich t5 fire nope key-norm query-norm cosine coca xpos inverse-leaky hwfa hwfa2 random-positions
          alibi                  | rope linear ntk ntk-by-parts ntk-mixed dynamic-ntk yarn dynamic-yarn longrope llama3 kerple sandwich t5 fire nope key-norm query-norm cosine coca xpos inverse-leaky hwfa hwfa2 random-positions
          kerple                 | rope linear ntk ntk-by-parts ntk-mixed dynamic-ntk yarn dynamic-yarn longrope llama3 alibi sandwich t5 fire nope key-norm query-norm cosine coca xpos inverse-leaky hwfa hwfa2 random-positions
          sandwich               | rope linear ntk ntk-by-parts ntk-mixed dynamic-ntk yarn dynamic-yarn longrope llama3 alibi kerple t5 fire nope key-norm query-norm cosine coca xpos inverse-leaky hwfa hwfa2 random-positions
          t5                     | rope linear ntk ntk-by-parts ntk-mixed dynamic-ntk yarn dynamic-yarn longrope llama3 alibi kerple sandwich fire nope key-norm query-norm cosine coca xpos inverse-leaky hwfa hwfa2 random-positions
          fire                   | rope linear ntk ntk-by-parts ntk-mixed dynamic-ntk yarn dynamic-yarn longrope llama3 alibi kerple sandwich t5 nope key-norm query-norm cosine coca xpos inverse-leaky hwfa hwfa2 random-positions
          nope                   | rope linear ntk ntk-by-parts ntk-mixed dynamic-ntk yarn dynamic-yarn longrope llama3 rerope leaky-rerope self-extend dual-chunk alibi kerple sandwich t5 fire key-norm query-norm cosine coca xpos inverse-leaky hwfa hwfa2 random-positions
          key-norm               | alibi kerple sandwich t5 fire nope query-norm cosine coca xpos inverse-leaky hwfa hwfa2 random-positions
          query-norm             | alibi kerple sandwich t5 fire nope key-norm cosine coca xpos inverse-leaky hwfa hwfa2 random-positions
          cosine                 | alibi kerple sandwich t5 fire nope key-norm query-norm coca xpos inverse-leaky hwfa hwfa2 random-positions
          coca                   | alibi kerple sandwich t5 fire nope key-norm query-norm cosine xpos inverse-leaky hwfa hwfa2 random-positions
          coca:variant=slack     | lm-infinite streaming-llm rerope leaky-rerope self-extend dual-chunk alibi kerple sandwich t5 fire nope key-norm query-norm cosine coca xpos inverse-leaky hwfa hwfa2 random-positions
          xpos                   | dual-chunk alibi kerple sandwich t5 fire nope key-norm query-norm cosine coca inverse-leaky hwfa hwfa2 random-positions
          inverse-leaky          | alibi kerple sandwich t5 fire nope key-norm query-norm cosine coca xpos hwfa hwfa2 random-positions
          hwfa                   | rope linear ntk ntk-by-parts ntk-mixed dynamic-ntk yarn dynamic-yarn longrope llama3 lm-infinite streaming-llm window rerope leaky-rerope self-extend dual-chunk log-n attention-scale alibi kerple sandwich t5 fire nope key-norm query-norm cosine coca xpos inverse-leaky hwfa2 random-positions
          hwfa2                  | rope lm-infinite streaming-llm window rerope leaky-rerope self-extend dual-chunk alibi kerple sandwich t5 fire nope key-norm query-norm cosine coca xpos inverse-leaky hwfa random-positions
          random-positions       | alibi kerple sandwich t5 fire nope key-norm query-norm cosine coca xpos inverse-leaky hwfa hwfa2
          window:window=8        | alibi kerple sandwich t5 fire nope key-norm query-norm cosine coca xpos inverse-leaky hwfa hwfa2 random-positions
          """)
  void methodsThatMakeNoSense(String declared, String refused) {
    List<String> found = new ArrayList<>();
    for (String chosen : Methods.names()) {
      Optional<String> reason = refusal(declared, chosen);
      if (reason.isPresent()) {
        found.add(chosen);
        assertThat(reason.get()).contains(method(chosen).name(), method(declared).name());
      }
    }
    assertThat(String.join(" ", found)).isEqualTo(refused);
  }

  @Test
  void everyMethodMakesSenseOnAModelTrainedWithIt() {
    for (String name : Methods.names()) {
      assertThat(refusal(name, name)).as(name).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          nope          | yarn:factor=4 | it sets rotary frequencies, and this model has no rotary
          rope          | alibi         | it takes away the rotation that the weights rely on
          alibi         | nope          | it replaces the score bias that the weights rely on
          rope          | key-norm      | it changes queries and keys in a way that the weights do
          rope          | inverse-leaky | it is a way to train, and this model was trained otherwise
          hwfa          | window        | its layers have plans of their own
          nope          | rerope        | it moves positions, and this model has none
          coca:variant=slack | lm-infinite | depend on where both tokens stand
          xpos          | dual-chunk    | positions begin anew in every chunk
          rope+log-n:minimum=0 | yarn:factor=4 | it changes the log-n scale
          """)
  void theReasonIsSaid(String declared, String chosen, String reason) {
    assertThat(refusal(declared, chosen).orElseThrow())
        .startsWith(method(chosen).name() + " makes no sense on a model trained with ")
        .contains(reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          coca:variant=slack            | dynamic-ntk:factor=4
          coca:variant=slack            | lm-infinite:global=0
          coca                          | rerope:window=8+log-n
          xpos                          | window:window=8
          key-norm+log-n:minimum=0      | rerope:window=8
          rope+log-n:minimum=0          | yarn:factor=4,attention=1
          hwfa2                         | hwfa2:rerope=5
          hwfa2                         | log-n
          alibi                         | lm-infinite
          inverse-leaky                 | ntk:factor=4
          random-positions              | rerope
          """)
  void combinationsThatMakeSense(String declared, String chosen) {
    assertThat(refusal(declared, chosen)).isEmpty();
  }

  @Test
  void aModelWithAMaskMayGetAnother() {
    assertThat(refusal("window:window=8", "rerope:window=8")).isEmpty();
  }
}

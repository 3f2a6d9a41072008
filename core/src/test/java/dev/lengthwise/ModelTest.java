package dev.lengthwise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lengthwise.generate.GenerationOptions;
import dev.lengthwise.generate.GenerationResult;
import dev.lengthwise.generate.GenerationResult.Reason;
import dev.lengthwise.generate.Sampling;
import dev.lengthwise.generate.SamplingStep;
import dev.lengthwise.runtime.ModelSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The library as a program uses it.
class ModelTest {

  private static final List<String> METHODS =
      List.of("rope", "rerope:window=16", "lm-infinite:local=70,global=4", "window", "dynamic-ntk");

  @TempDir private static Path folder;
  private static Model model;

  @BeforeAll
  static void open() {
    model = TinyChatModel.open(TinyChatModel.write(folder));
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static GenerationOptions greedy(int tokens) {
    return new GenerationOptions(tokens, 64, Sampling.GREEDY, List.of(), true);
  }

  private static int[] ids(int count) {
    return IntStream.range(0, count).map(at -> 4 + at * 37 % 250).toArray();
  }

  private static int[] generated(Session session, int[] prompt, int tokens) {
    return session.generate(prompt, greedy(tokens), _ -> {}, () -> false).ids();
  }

  private static int[] generated(String method, int[] prompt, int tokens) {
    try (Session session = model.with(method).session()) {
      return generated(session, prompt, tokens);
    }
  }

  private static int[] joined(int[]... parts) {
    return List.of(parts).stream().flatMapToInt(IntStream::of).toArray();
  }

  @Test
  void aTextIsContinuedPieceByPiece() {
    List<String> pieces = new ArrayList<>();
    try (Session session = model.with("rerope:window=16").session()) {
      GenerationResult result = session.generate("Once upon", Sampling.GREEDY, pieces::add);
      assertThat(String.join("", pieces)).isEqualTo(result.text()).isNotEmpty();
      assertThat(result.promptTokens()).isEqualTo(1 + "Once upon".length());
      assertThat(session.length()).isEqualTo(result.promptTokens() + result.generatedTokens());
      assertThat(session.method()).isEqualTo("rerope:window=16");
    }
  }

  @Test
  void aTextIsContinuedAsTheOptionsSay() {
    List<String> pieces = new ArrayList<>();
    try (Session session = model.with("declared").session()) {
      GenerationResult result = session.generate("Once upon", greedy(7), pieces::add);
      assertThat(result.generatedTokens()).isEqualTo(7);
      assertThat(String.join("", pieces)).isEqualTo(result.text()).isNotEmpty();
    }
  }

  @Test
  void eachSessionHasItsOwnMethodAndThreadAndNoneDisturbsAnother()
      throws ExecutionException, InterruptedException {
    int[] prompt = ids(150);
    List<int[]> alone = METHODS.stream().map(method -> generated(method, prompt, 20)).toList();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<int[]>> sideBySide = new ArrayList<>();
      for (int round = 0; round < 4; round++) {
        METHODS.forEach(
            method -> sideBySide.add(threads.submit(() -> generated(method, prompt, 20))));
      }
      for (int run = 0; run < sideBySide.size(); run++) {
        assertThat(sideBySide.get(run).get()).isEqualTo(alone.get(run % METHODS.size()));
      }
    }
    assertThat(alone.get(0))
        .as("methods differ past the trained length")
        .isNotEqualTo(alone.get(1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"rope", "rerope:window=16", "lm-infinite:local=70,global=4", "window"})
  void aTextInSeveralCallsIsOneText(String method) {
    int[] prompt = ids(130);
    try (Session session = model.with(method).session()) {
      int[] first = generated(session, prompt, 5);
      int[] more = {10, 20, 30};
      int[] second = generated(session, more, 5);
      assertThat(second).isEqualTo(generated(method, joined(prompt, first, more), 5));
      assertThat(session.ids()).isEqualTo(joined(prompt, first, more, second));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"rope", "rerope:window=16", "lm-infinite:local=70,global=4", "window"})
  void aTextThatGoesBackIsAsIfTheRestHadNeverBeen(String method) {
    int[] prompt = ids(200);
    try (Session session = model.with(method).session()) {
      generated(session, prompt, 90);
      for (int length : new int[] {285, 200, 3}) {
        int[] before = Arrays.copyOf(session.ids(), length);
        session.rewind(length);
        assertThat(session.ids()).isEqualTo(before);
        assertThat(generated(session, new int[] {7, 8}, 6))
            .isEqualTo(generated(method, joined(before, new int[] {7, 8}), 6));
        session.rewind(length);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"rope", "rerope:window=16", "lm-infinite:local=70,global=4", "window"})
  void forksGoOnByThemselves(String method) {
    int[] prompt = ids(150);
    try (Session session = model.with(method).session()) {
      int[] begun = generated(session, prompt, 3);
      try (Session fork = session.fork()) {
        assertThat(fork.context().unreadTokens()).as("the last token drawn").isOne();
        int[] one = generated(fork, new int[] {9}, 80);
        int[] other = generated(session, new int[] {11}, 80);
        assertThat(one).isEqualTo(generated(method, joined(prompt, begun, new int[] {9}), 80));
        assertThat(other).isEqualTo(generated(method, joined(prompt, begun, new int[] {11}), 80));
      }
    }
  }

  @Test
  void theMethodMayChangeWithinAText() {
    int[] prompt = ids(100);
    try (Session session = model.with("rope").session()) {
      int[] begun = generated(session, prompt, 4);
      session.changeMethod("window");
      assertThat(session.method()).startsWith("window");
      assertThat(generated(session, new int[] {5}, 8))
          .isEqualTo(generated("window", joined(prompt, begun, new int[] {5}), 8));
      assertThat(session.context().readAgainTokens()).isEqualTo(prompt.length + begun.length - 1);
    }
  }

  @Test
  void aGenerationIsCancelledInThePromptAndBetweenTokensAndGoesOnLater() {
    int[] prompt = ids(300);
    try (Session session = model.with("rope").session()) {
      CancelToken token = new CancelToken();
      token.cancel();
      GenerationResult none = session.generate(prompt, greedy(5), _ -> {}, token);
      assertThat(none.reason()).isEqualTo(Reason.CANCELLED);
      assertThat(none.promptTokens()).isZero();
      int[] asked = {0};
      GenerationResult some =
          session.generate(new int[0], greedy(5), _ -> {}, () -> asked[0]++ == 2);
      assertThat(some.promptTokens()).as("two parts of 64").isEqualTo(128);
      CancelToken afterTwo = new CancelToken();
      GenerationResult two =
          session.generate(new int[0], greedy(50), _ -> afterTwo.cancel(), afterTwo);
      assertThat(two.reason()).isEqualTo(Reason.CANCELLED);
      assertThat(two.generatedTokens()).isBetween(1, 8);
      assertThat(joined(two.ids(), generated(session, new int[0], 9)))
          .startsWith(generated("rope", prompt, 9));
    }
  }

  @Test
  void aTextBeyondTheLimitIsRefusedAndAGenerationEndsThere() {
    try (Session session = model.with("rope").session(ContextPolicy.refuse(20))) {
      assertThatThrownBy(() -> generated(session, ids(21), 1))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContainingAll("21", "20");
      assertThat(session.length()).as("nothing was added").isZero();
      GenerationResult result = session.generate(ids(15), greedy(9), _ -> {}, () -> false);
      assertThat(result.generatedTokens()).isEqualTo(5);
      assertThat(result.reason()).isEqualTo(Reason.LENGTH);
    }
  }

  @Test
  void aFailureLeavesTheTextAsItWas() {
    try (Session session = model.with("rope").session()) {
      int[] prompt = ids(80);
      assertThatThrownBy(
              () ->
                  session.generate(
                      prompt,
                      greedy(9),
                      _ -> {
                        throw new IllegalStateException("the reader is gone");
                      },
                      () -> false))
          .hasMessage("the reader is gone");
      assertThat(session.ids()).isEqualTo(prompt);
      assertThat(generated(session, new int[0], 9)).isEqualTo(generated("rope", prompt, 9));
    }
  }

  @Test
  void aWishThatIsRefusedReadsNothing() {
    Sampling biased = Sampling.GREEDY.with(new SamplingStep.Bias(Map.of(1_000_000, 1.0)));
    try (Session session = model.with("rope").session()) {
      generated(session, ids(80), 1);
      assertThatThrownBy(
              () -> session.generate(ids(5), GenerationOptions.of(biased, 1), _ -> {}, () -> false))
          .hasMessageContaining("1000000");
      assertThat(session.context().unreadTokens())
          .as("the last that was drawn, and these")
          .isEqualTo(6);
      assertThat(session.context().readAgainTokens()).isZero();
    }
  }

  @Test
  void aSavedTextGoesOn(@TempDir Path other) throws IOException {
    Path file = other.resolve("text.json");
    int[] prompt = ids(90);
    int[] begun;
    try (Session session = model.with("window").session()) {
      begun = generated(session, prompt, 3);
      session.save(file);
    }
    try (Session session = model.with("window").restore(file, ContextPolicy.UNLIMITED)) {
      assertThat(generated(session, new int[] {5}, 6))
          .isEqualTo(generated("window", joined(prompt, begun, new int[] {5}), 6));
    }
    Files.writeString(file, Files.readString(file).replace("\"ids\":[4,", "\"ids\":[-4,"));
    assertThatThrownBy(() -> model.with("window").restore(file, ContextPolicy.UNLIMITED))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll("damaged", "-4");
  }

  @Test
  void aTextIsScoredByTheLossesOfItsTokens() {
    Score score = model.with("rope").score("some text");
    assertThat(score.losses()).as("behind the begin of text").hasSize("some text".length());
    assertThat(score.nll()).isEqualTo(score.meanLoss() * score.losses().size(), within(1e-9));
    assertThat(score.perplexity()).isEqualTo(Math.exp(score.meanLoss()));
    assertThat(model.with("window").score("some text").nll())
        .as("within the window nothing differs")
        .isEqualTo(score.nll());
  }

  @Test
  void tokensAreCountedAndNamesOfControlTokensAreText() {
    assertThat(model.countTokens("a<|end|>")).isEqualTo(8);
    assertThat(model.decode(new int[] {1, 101, 102}, true)).startsWith("<|end|>");
    assertThat(model.decode(new int[] {1}, false)).isEmpty();
  }

  @Test
  void aGenerationUsesWhatIsMadeAtFirstUseWhileAnotherThreadClosesTheModel()
      throws InterruptedException {
    Model own = TinyChatModel.open(folder);
    Thread closing = daemon(own::close);
    Thread asking =
        daemon(
            () ->
                assertThatThrownBy(own::hasChatTemplate).isInstanceOf(IllegalStateException.class));
    Thread generation =
        daemon(
            () ->
                own.running(
                    () -> {
                      startAndAwait(closing);
                      startAndAwait(asking); // behind the thread that closes
                      return own.hasChatTemplate();
                    }));
    generation.start();
    generation.join(Duration.ofSeconds(30));
    assertThat(generation.isAlive()).isFalse();
    closing.join();
    asking.join();
  }

  private static Thread daemon(Runnable work) {
    return Thread.ofPlatform().daemon().unstarted(work);
  }

  private static void startAndAwait(Thread thread) {
    thread.start();
    while (thread.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
  }

  @Test
  void aClosedModelSaysSoAndAGenerationCannotCloseIt() {
    Model own = TinyChatModel.open(folder);
    Session session = own.with("rope").session();
    assertThatThrownBy(() -> session.generate(ids(3), greedy(2), _ -> own.close(), () -> false))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("still runs");
    session.close();
    own.close();
    own.close();
    assertThatThrownBy(own::session)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rope", "rerope:window=16", "lm-infinite:local=70,global=4", "window"})
  void memoryIsSaidBeforeAModelIsOpenedAndTurnsOutSo(String method) {
    MemoryForecast forecast =
        MemoryForecast.of(folder, ModelSettings.DEFAULT, method, OptionalLong.empty(), 64);
    try (Session session = model.with(method).session()) {
      session.generate(ids(300), greedy(0), _ -> {}, () -> false);

      assertThat(forecast.at(300).cache()).isEqualTo(session.context().cacheBytes());
    }
    OptionalLong longest = forecast.longest(forecast.at(100_000).total());
    assertThat(longest.orElseThrow()).isGreaterThanOrEqualTo(100_000);
    assertThat(forecast.longest(1000)).isEmpty();
  }

  @Test
  void aSessionThatIsClosedSaysSo(@TempDir Path other) {
    Session session = model.with("rope").session();
    session.generate(ids(10), greedy(2), _ -> {}, () -> false);
    session.close();
    session.close();

    List<Runnable> uses =
        List.of(
            () -> session.generate("", Sampling.GREEDY, _ -> {}),
            () -> session.append("a"),
            () -> session.rewind(1),
            () -> session.changeMethod("window"),
            session::fork,
            session::context,
            () -> session.saveState(other.resolve("state")));
    for (Runnable use : uses) {
      assertThatThrownBy(use::run)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("the session is closed");
    }
    assertThat(session.length()).isEqualTo(12);
  }

  @Test
  void aTargetThatTheModelDoesNotHaveIsRefused() {
    assertThatThrownBy(() -> model.with("rope").score(new int[] {4, 5, 100_000}))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("Token id 100000 is outside the vocabulary of the model");
  }
}

package dev.lengthwise.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.attention.Attention;
import dev.lengthwise.attention.CacheType;
import dev.lengthwise.attention.vector.VectorAttention;
import dev.lengthwise.generate.ByteTokenizer;
import dev.lengthwise.generate.GenerationOptions;
import dev.lengthwise.generate.Generator;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.generate.Sampling;
import dev.lengthwise.matrix.WeightType;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Rope;
import dev.lengthwise.model.Architecture;
import dev.lengthwise.model.Decoder;
import dev.lengthwise.model.MappedDecoder;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanFunction;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What prompts begin with in common is read once, and nobody's bits depend on it.
@TestInstance(Lifecycle.PER_CLASS)
class SharedPrefixTest {

  private static final ModelShape SHAPE = new ModelShape(2, 4, 2, 16, 16, 10_000, 32);
  private static final int CHUNK = 16;
  private static final long ENOUGH = 1L << 30;
  private static final List<String> DROPPING =
      List.of("rerope:window=8", "lm-infinite:local=16,global=2");

  private final Arena arena = Arena.ofShared();
  private final Workers workers = new Workers(2);
  private final Attention engine = new VectorAttention(workers);
  private final Generator generator =
      new Generator(new ByteTokenizer(), Set.of(ByteTokenizer.END), InstantSource.system());
  private final int[] random = new SplittableRandom(5).ints(1000, 0, 256).toArray();
  private Decoder decoder;

  @BeforeAll
  void makeModel() {
    decoder =
        MappedDecoder.random(
            Architecture.LLAMA.model(
                "tiny", new Architecture.Sizes(257, 64, 96, 1e-5, true), SHAPE, new Rope()),
            WeightType.Q8_0,
            workers,
            arena);
  }

  @AfterAll
  void release() {
    workers.close();
    arena.close();
  }

  private BatchScheduler scheduler(int running, long prefixBytes) {
    return new BatchScheduler(
        generator, new BatchLimits(running, 99, CHUNK, 100_000, 1L << 34, prefixBytes));
  }

  // The first `common` tokens are those of every prompt, the others its own.
  private int[] prompt(int common, int own, int number) {
    return IntStream.concat(
            Arrays.stream(random, 0, common),
            Arrays.stream(random, 500 + number, 500 + number + own))
        .toArray();
  }

  // A model of its own for each request, as servers make them.
  private TextRequest request(String method, CacheType type, int... prompt) {
    PlanFunction plans =
        new PlanFunction(SHAPE, new Rope(), new MethodParser(SHAPE, new Rope()).parse(method));
    InferenceModel model = new InferenceModel(decoder, plans, engine, type);
    GenerationOptions options =
        new GenerationOptions(6, 512, new Sampling(1, 0, 1, 0, 3), List.of(), true).withLogprobs(2);
    return new TextRequest(model, prompt, options, false, prompt.length, false);
  }

  private TextRequest request(String method, int... prompt) {
    return request(method, CacheType.F32, prompt);
  }

  /// What a text became.
  ///
  /// @param shared tokens that it did not read itself
  /// @param facts all but the times
  private record Outcome(int shared, List<Object> facts) {}

  private static Outcome outcome(Ticket ticket) throws InterruptedException {
    return outcomes(ticket, 1).getFirst();
  }

  private static List<Outcome> outcomes(Ticket ticket, int texts) throws InterruptedException {
    int[] shared = new int[texts];
    List<List<Object>> facts = new ArrayList<>();
    IntStream.range(0, texts).forEach(_ -> facts.add(new ArrayList<>()));
    for (int ended = 0; ended < texts; ) {
      Ticket.Happening next = ticket.next(Duration.ofSeconds(60)).orElseThrow();
      switch (next.event()) {
        case TextEvent.Progress _ -> throw new AssertionError("progress was not asked for");
        case TextEvent.PromptRead read -> shared[next.text()] = read.shared();
        case TextEvent.Token token -> facts.get(next.text()).add(token);
        case TextEvent.Ended end -> {
          facts.get(next.text()).add(end.result().text());
          ended++;
        }
        case TextEvent.Failed failed -> throw failed.reason();
      }
    }
    return IntStream.range(0, texts).mapToObj(n -> new Outcome(shared[n], facts.get(n))).toList();
  }

  private static Outcome run(BatchScheduler scheduler, TextRequest request)
      throws InterruptedException {
    Outcome outcome = outcome(scheduler.submit(List.of(request)).orElseThrow());
    assertThat(scheduler.awaitIdle(Duration.ofSeconds(60))).isZero();
    return outcome;
  }

  private List<Object> alone(TextRequest request) throws InterruptedException {
    try (BatchScheduler scheduler = scheduler(1, 0)) {
      Outcome outcome = run(scheduler, request);
      assertThat(outcome.shared()).isZero();
      return outcome.facts();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "declared",
        "rerope:window=8",
        "lm-infinite:local=16,global=2",
        "dynamic-ntk:factor=4"
      })
  void aLaterPromptHasTheBitsOfReadingAllOfIt(String method) throws InterruptedException {
    TextRequest first = request(method, prompt(150, 133, 0));
    TextRequest second = request(method, prompt(150, 133, 100));
    TextRequest third = request(method, prompt(150, 133, 200));
    try (BatchScheduler scheduler = scheduler(1, ENOUGH)) {
      assertThat(run(scheduler, first).shared()).isZero();
      Outcome other = run(scheduler, second);
      assertThat(other.facts()).isEqualTo(alone(second));
      assertThat(other.shared())
          .as("behind the last cut a window has lost what came before")
          .isEqualTo(DROPPING.contains(method) ? 0 : 144);
      Outcome branched = run(scheduler, third);
      assertThat(branched.facts()).isEqualTo(alone(third));
      assertThat(branched.shared()).as("it was kept where two had parted").isEqualTo(144);
    }
  }

  @Test
  void theSamePromptAgainReadsItsLastTokensOnly() throws InterruptedException {
    for (int length : new int[] {100, 96}) { // within a chunk, and at the end of one
      TextRequest request = request("declared", prompt(length, 0, 0));
      try (BatchScheduler scheduler = scheduler(1, ENOUGH)) {
        Outcome before = run(scheduler, request);
        Outcome again = run(scheduler, request);
        assertThat(again.shared()).isEqualTo(length == 100 ? 96 : 80);
        assertThat(again.facts()).isEqualTo(before.facts());
      }
    }
  }

  @Test
  void aConversationGoesOnFromItsLastTurn() throws InterruptedException {
    try (BatchScheduler scheduler = scheduler(1, ENOUGH)) {
      run(scheduler, request("declared", prompt(100, 0, 0)));
      Outcome second = run(scheduler, request("declared", prompt(200, 0, 0)));
      assertThat(second.shared()).isEqualTo(96);
      TextRequest third = request("declared", prompt(300, 0, 0));
      Outcome found = run(scheduler, third);
      assertThat(found.shared()).isEqualTo(192);
      assertThat(found.facts()).isEqualTo(alone(third));
    }
  }

  @Test
  void promptsOfTheSameTimeReadTheirBeginOnce() throws InterruptedException {
    List<TextRequest> requests = new ArrayList<>();
    for (int n = 0; n < 4; n++) {
      requests.add(request("declared", prompt(100, 20 + n, 10 * n)));
    }
    try (BatchScheduler scheduler = scheduler(4, 0)) {
      List<Outcome> outcomes = outcomes(scheduler.submit(requests).orElseThrow(), 4);
      assertThat(outcomes.stream().map(Outcome::shared)).containsExactly(0, 96, 96, 96);
      for (int n = 0; n < 4; n++) {
        assertThat(outcomes.get(n).facts()).isEqualTo(alone(requests.get(n)));
      }
    }
  }

  @Test
  void anotherMethodOrTypeOfCacheSharesNothing() throws InterruptedException {
    int[] prompt = prompt(100, 0, 0);
    try (BatchScheduler scheduler = scheduler(1, ENOUGH)) {
      run(scheduler, request("declared", prompt));
      assertThat(run(scheduler, request("rerope:window=8", prompt)).shared()).isZero();
      assertThat(run(scheduler, request("declared", CacheType.Q8_0, prompt)).shared()).isZero();
      assertThat(run(scheduler, request("dynamic-ntk", prompt)).shared()).isZero();
      assertThat(run(scheduler, request("dynamic-ntk", prompt(100, 9, 0))).shared())
          .as("frequencies of another length")
          .isZero();
    }
  }

  @Test
  void whatWasUsedLongestAgoGoesFirst() throws InterruptedException {
    long one;
    try (BatchScheduler scheduler = scheduler(1, ENOUGH)) {
      run(scheduler, request("declared", prompt(0, 100, 0)));
      one = scheduler.occupancy().prefixBytes();
      assertThat(one).isPositive();
    }
    try (BatchScheduler scheduler = scheduler(1, 2 * one)) {
      run(scheduler, request("declared", prompt(0, 100, 0)));
      run(scheduler, request("declared", prompt(0, 100, 100)));
      assertThat(run(scheduler, request("declared", prompt(0, 100, 0))).shared()).isEqualTo(96);
      run(scheduler, request("declared", prompt(0, 100, 200)));
      assertThat(scheduler.occupancy().prefixBytes()).isEqualTo(2 * one);
      assertThat(scheduler.occupancy().cacheBytes()).isZero();
      assertThat(run(scheduler, request("declared", prompt(0, 100, 0))).shared()).isEqualTo(96);
      assertThat(run(scheduler, request("declared", prompt(0, 100, 100))).shared()).isZero();
    }
  }

  @Test
  void aPromptGreaterThanAllThatIsKeptThrowsNobodyOut() throws InterruptedException {
    long one;
    try (BatchScheduler scheduler = scheduler(1, ENOUGH)) {
      run(scheduler, request("declared", prompt(0, 100, 0)));
      one = scheduler.occupancy().prefixBytes();
    }
    try (BatchScheduler scheduler = scheduler(1, one)) {
      run(scheduler, request("declared", prompt(0, 100, 0)));
      run(scheduler, request("declared", prompt(0, 400, 50)));
      assertThat(run(scheduler, request("declared", prompt(0, 100, 0))).shared()).isEqualTo(96);
    }
  }

  @Test
  void aTextWaitsUntilThereIsMemoryAndOneThatNeverFitsIsRefused() throws InterruptedException {
    TextRequest first = request("declared", prompt(0, 200, 0));
    TextRequest second = request("declared", prompt(0, 200, 100));
    long room = first.mostBytes(CHUNK) + second.mostBytes(CHUNK) / 2;
    try (BatchScheduler scheduler =
        new BatchScheduler(generator, new BatchLimits(2, 99, CHUNK, 100_000, room, 0))) {
      Ticket one = scheduler.submit(List.of(first)).orElseThrow();
      Ticket two = scheduler.submit(List.of(second)).orElseThrow();
      assertThat(outcome(one).facts()).isEqualTo(alone(first));
      assertThat(scheduler.occupancy().promisedBytes()).isLessThanOrEqualTo(room);
      assertThat(scheduler.occupancy().running()).isLessThanOrEqualTo(1);
      assertThat(outcome(two).facts()).isEqualTo(alone(second));
      TextRequest greater = request("declared", prompt(0, 500, 0));
      assertThatThrownBy(() -> scheduler.submit(List.of(greater)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("take %d bytes, more than the %d", greater.mostBytes(CHUNK), room);
    }
  }
}

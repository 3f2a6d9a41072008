package dev.lengthwise.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.attention.vector.VectorAttention;
import dev.lengthwise.generate.ByteTokenizer;
import dev.lengthwise.generate.ContextMap;
import dev.lengthwise.generate.ContextMap.Kind;
import dev.lengthwise.generate.GenerationOptions;
import dev.lengthwise.generate.GenerationResult.Reason;
import dev.lengthwise.generate.Generator;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.generate.Sampling;
import dev.lengthwise.generate.TokenFilter;
import dev.lengthwise.generate.TokenLogprob;
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
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

@TestInstance(Lifecycle.PER_CLASS)
class BatchSchedulerTest {

  private static final ModelShape SHAPE = new ModelShape(2, 4, 2, 16, 16, 10_000, 32);
  private static final List<String> METHODS =
      List.of(
          "declared", "rerope:window=8", "lm-infinite:local=16,global=2", "dynamic-ntk:factor=4");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Arena arena = Arena.ofShared();
  private final Workers workers = new Workers(2);
  private final Generator generator =
      new Generator(new ByteTokenizer(), Set.of(ByteTokenizer.END), InstantSource.system());
  private Decoder decoder;

  @BeforeAll
  void makeModel() {
    Architecture.Sizes sizes = new Architecture.Sizes(257, 64, 96, 1e-5, true);
    decoder =
        MappedDecoder.random(
            Architecture.LLAMA.model("tiny", sizes, SHAPE, new Rope()),
            WeightType.Q8_0,
            workers,
            arena);
  }

  @AfterAll
  void release() {
    workers.close();
    arena.close();
  }

  private InferenceModel model(String method) {
    PlanFunction plans =
        new PlanFunction(SHAPE, new Rope(), new MethodParser(SHAPE, new Rope()).parse(method));
    return new InferenceModel(decoder, plans, new VectorAttention(workers));
  }

  private TextRequest request(int number, int promptTokens, int predict, boolean scored) {
    int[] prompt = new SplittableRandom(number).ints(promptTokens, 0, 256).toArray();
    Sampling sampling = new Sampling(1, 0, 1, 0, number);
    GenerationOptions options = new GenerationOptions(predict, 512, sampling, List.of(), true);
    return new TextRequest(
        model(METHODS.get(number % METHODS.size())),
        prompt,
        scored ? options.withLogprobs(3) : options,
        scored,
        number,
        false);
  }

  private BatchScheduler scheduler(int running, int waiting, int chunk) {
    return scheduler(running, waiting, chunk, 0);
  }

  private BatchScheduler scheduler(int running, int waiting, int chunk, long prefixBytes) {
    return new BatchScheduler(
        generator, new BatchLimits(running, waiting, chunk, 100_000, 1L << 34, prefixBytes));
  }

  private static Ticket submitted(BatchScheduler scheduler, TextRequest request) {
    return scheduler.submit(List.of(request)).orElseThrow();
  }

  private static List<TextEvent> events(Ticket ticket) throws InterruptedException {
    return events(ticket, 1).getFirst();
  }

  // Of each text, to its end.
  private static List<List<TextEvent>> events(Ticket ticket, int texts)
      throws InterruptedException {
    List<List<TextEvent>> events = new ArrayList<>();
    for (int n = 0; n < texts; n++) {
      events.add(new ArrayList<>());
    }
    int ended = 0;
    while (ended < texts) {
      Ticket.Happening next = ticket.next(PATIENCE).orElseThrow();
      events.get(next.text()).add(next.event());
      ended +=
          next.event() instanceof TextEvent.Ended || next.event() instanceof TextEvent.Failed
              ? 1
              : 0;
    }
    return events;
  }

  // All but the times.
  private static List<Object> facts(List<TextEvent> events) {
    List<Object> facts = new ArrayList<>();
    for (TextEvent event : events) {
      facts.add(
          switch (event) {
            case TextEvent.PromptRead read -> read.scores();
            case TextEvent.Ended ended ->
                List.of(ended.rest(), ended.result().text(), ended.result().reason());
            default -> event;
          });
    }
    return facts;
  }

  @Test
  void textsGetTheSameBitsWhateverRunsBesideThem() throws InterruptedException {
    List<TextRequest> requests = new ArrayList<>();
    for (int n = 0; n < 9; n++) {
      requests.add(request(n, 3 + 17 * n % 90, 10 + n, true));
    }
    List<List<Object>> alone = new ArrayList<>();
    try (BatchScheduler scheduler = scheduler(1, 0, 16)) {
      for (TextRequest request : requests) {
        alone.add(facts(events(submitted(scheduler, request))));
        assertThat(scheduler.awaitIdle(PATIENCE)).isZero();
      }
    }
    for (int running : new int[] {3, 9}) {
      try (BatchScheduler scheduler = scheduler(running, 9, 16)) {
        List<List<TextEvent>> found =
            events(scheduler.submit(requests.reversed()).orElseThrow(), 9).reversed();
        for (int n = 0; n < found.size(); n++) {
          assertThat(facts(found.get(n))).as("text %d of %d", n, running).isEqualTo(alone.get(n));
        }
      }
    }
  }

  @Test
  void scoresOfAPromptAreThoseOfDrawingIt() throws InterruptedException {
    try (BatchScheduler scheduler = scheduler(2, 2, 8)) {
      TextRequest drawn = request(4, 20, 6, true);
      List<TokenLogprob> expected = new ArrayList<>();
      int[] whole = Arrays.copyOf(drawn.prompt(), 26);
      for (TextEvent event : events(submitted(scheduler, drawn))) {
        if (event instanceof TextEvent.Token token) {
          whole[20 + expected.size()] = token.id();
          expected.add(token.score().orElseThrow());
        }
      }
      TextRequest read =
          new TextRequest(
              drawn.model(),
              whole,
              new GenerationOptions(0, 512, Sampling.GREEDY, List.of()),
              true,
              "reader",
              false);
      TextEvent.PromptRead scores =
          (TextEvent.PromptRead) events(submitted(scheduler, read)).getFirst();
      assertThat(scores.scores()).hasSize(25);
      for (int n = 0; n < 6; n++) {
        TokenLogprob found = scores.scores().get(19 + n);
        assertThat(found.id()).isEqualTo(expected.get(n).id());
        assertThat(Math.abs(found.logprob() - expected.get(n).logprob()))
            .as("kernels of prompts and of single tokens round differently")
            .isLessThan(1e-3);
        assertThat(found.top())
            .isSortedAccordingTo((one, other) -> Double.compare(other.logprob(), one.logprob()));
      }
    }
  }

  @Test
  void progressIsToldByChunksAndSaysWhatTheEngineSees() throws InterruptedException {
    TextRequest asked = request(5, 300, 9, false);
    TextRequest request =
        new TextRequest(
            model("lm-infinite:local=16,global=2"),
            asked.prompt(),
            asked.options(),
            false,
            "reader",
            true);
    try (BatchScheduler scheduler = scheduler(2, 0, 512)) {
      List<TextEvent.Progress> told =
          events(submitted(scheduler, request)).stream()
              .filter(TextEvent.Progress.class::isInstance)
              .map(TextEvent.Progress.class::cast)
              .toList();
      assertThat(told).extracting(TextEvent.Progress::read).isSorted().contains(300);
      assertThat(told.getFirst().read()).isLessThan(300);
      ContextMap last = told.getLast().context();
      assertThat(last.tokens()).isEqualTo(308); // the last drawn token is not read
      assertThat(last.layers()).hasSize(1);
      assertThat(last.layers().getFirst().last()).isEqualTo(1);
      assertThat(last.layers().getFirst().spans())
          .extracting(ContextMap.Span::kind)
          .containsSubsequence(Kind.SINK, Kind.DROPPED, Kind.EXACT);
    }
  }

  @Test
  void equalPromptsAreReadOnceAndGetTheSameBits() throws InterruptedException {
    TextRequest first = request(2, 90, 12, true);
    Sampling other = first.options().sampling().withSeed(99);
    TextRequest second =
        new TextRequest(
            first.model(),
            first.prompt().clone(),
            new GenerationOptions(9, 512, other, List.of(), true).withLogprobs(3),
            true,
            "another",
            false);
    List<TextRequest> requests = List.of(first, second, first);
    List<List<Object>> alone = new ArrayList<>();
    try (BatchScheduler scheduler = scheduler(1, 0, 16)) {
      for (TextRequest request : requests) {
        alone.add(facts(events(submitted(scheduler, request))));
        assertThat(scheduler.awaitIdle(PATIENCE)).isZero();
      }
    }
    try (BatchScheduler scheduler = scheduler(3, 3, 16)) {
      List<List<TextEvent>> found = events(scheduler.submit(requests).orElseThrow(), 3);
      List<Integer> shared = new ArrayList<>();
      for (int n = 0; n < 3; n++) {
        assertThat(facts(found.get(n))).isEqualTo(alone.get(n));
        shared.add(((TextEvent.PromptRead) found.get(n).getFirst()).shared());
      }
      assertThat(shared).containsExactlyInAnyOrder(0, 90, 90);
    }
  }

  @Test
  void aShortPromptGetsPastALongOne() throws InterruptedException {
    try (BatchScheduler scheduler = scheduler(2, 2, 16)) {
      Ticket longOne = submitted(scheduler, request(1, 1200, 1, false));
      Ticket shortOne = submitted(scheduler, request(2, 5, 3, false));
      assertThat(events(shortOne)).hasSize(5);
      assertThat(longOne.next(Duration.ZERO)).as("the long one is still read").isEmpty();
      longOne.cancel();
      assertThat(events(longOne).getLast()).isInstanceOf(TextEvent.Ended.class);
    }
  }

  @Test
  void cancelledTextsLeaveAtAnyMomentAndReleaseTheirMemory() throws InterruptedException {
    try (BatchScheduler scheduler = scheduler(2, 9, 16)) {
      List<Ticket> tickets = new ArrayList<>();
      for (int n = 0; n < 6; n++) {
        tickets.add(submitted(scheduler, request(n, 500, 100_000 / 16, false)));
      }
      tickets.get(1).next(PATIENCE);
      for (Ticket ticket : tickets) {
        ticket.cancel();
        assertThat(events(ticket).getLast())
            .isInstanceOfSatisfying(
                TextEvent.Ended.class,
                ended -> assertThat(ended.result().reason()).isEqualTo(Reason.CANCELLED));
      }
      assertThat(scheduler.awaitIdle(PATIENCE)).isZero();
      assertThat(scheduler.occupancy()).isEqualTo(Occupancy.NONE);
    }
  }

  @Test
  void noMoreIsTakenOnThanMayWait() {
    try (BatchScheduler scheduler = scheduler(1, 1, 16)) {
      TextRequest endless = request(0, 900, 50_000, false);
      assertThat(scheduler.submit(List.of(endless, endless))).isPresent();
      Optional<Ticket> third = scheduler.submit(List.of(endless));
      assertThat(third).isEmpty();
      assertThatThrownBy(() -> scheduler.submit(List.of(request(0, 900, 100_000, false))))
          .hasMessageContaining("100900")
          .hasMessageContaining("100000");
    }
  }

  @Test
  void anyNumberOfTextsMayWait() throws InterruptedException {
    try (BatchScheduler scheduler = scheduler(1, Integer.MAX_VALUE, 16)) {
      TextRequest request = request(1, 5, 2, false);
      assertThat(events(scheduler.submit(List.of(request, request)).orElseThrow(), 2)).hasSize(2);
    }
  }

  @Test
  void anErrorOfTheMachineIsToldToEveryText() throws InterruptedException {
    TextRequest good = request(3, 9, 5, false);
    GenerationOptions broken = good.options().withGrammar((_, _) -> new Exhausted());
    TextRequest bad = new TextRequest(good.model(), good.prompt(), broken, false, "another", false);
    try (BatchScheduler scheduler = scheduler(2, 2, 16)) {
      List<List<TextEvent>> found = events(scheduler.submit(List.of(good, bad)).orElseThrow(), 2);
      assertThat(found)
          .allSatisfy(
              events ->
                  assertThat(events.getLast())
                      .isInstanceOfSatisfying(
                          TextEvent.Failed.class,
                          failed -> assertThat(failed.reason()).hasMessageContaining("no heap")));
    }
  }

  /// Fails as the machine does, and not as a text.
  private static final class Exhausted implements TokenFilter {

    @Override
    public void mask(float[] logits) {
      throw new OutOfMemoryError("no heap");
    }

    @Override
    public void accept(int id) {}

    @Override
    public boolean isComplete() {
      return false;
    }
  }

  @Test
  void closingCallsOffWhatRunsAndWaits() throws InterruptedException {
    BatchScheduler scheduler = scheduler(1, 1, 16);
    TextRequest endless = request(0, 9, 50_000, false);
    Ticket ticket = scheduler.submit(List.of(endless, endless)).orElseThrow();
    ticket.next(PATIENCE);
    scheduler.close();
    assertThat(events(ticket, 2))
        .allSatisfy(events -> assertThat(events.getLast()).isInstanceOf(TextEvent.Ended.class));
    assertThatThrownBy(() -> scheduler.submit(List.of(endless)))
        .isInstanceOf(SchedulerClosedException.class);
  }

  @Test
  void aTextThatFailsFailsAlone() throws InterruptedException {
    try (BatchScheduler scheduler = scheduler(2, 2, 16)) {
      TextRequest good = request(3, 9, 5, false);
      TextRequest bad =
          new TextRequest(
              good.model(), new int[] {3, 9999}, good.options(), false, "another", false);
      List<List<TextEvent>> found = events(scheduler.submit(List.of(bad, good)).orElseThrow(), 2);
      assertThat(found.getFirst().getLast())
          .isInstanceOfSatisfying(
              TextEvent.Failed.class,
              failed -> assertThat(failed.reason()).hasMessageContaining("9999"));
      assertThat(found.getLast().getLast()).isInstanceOf(TextEvent.Ended.class);
    }
  }
}

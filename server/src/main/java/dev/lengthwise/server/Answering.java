package dev.lengthwise.server;

import dev.lengthwise.batch.BatchScheduler;
import dev.lengthwise.batch.Occupancy;
import dev.lengthwise.batch.TextEvent;
import dev.lengthwise.batch.Ticket;
import dev.lengthwise.generate.GenerationResult.Reason;
import dev.lengthwise.server.http.Answer;
import dev.lengthwise.server.http.ClientGoneException;
import dev.lengthwise.server.http.Exchange;
import dev.lengthwise.server.http.Exchange.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The answer to one request: has its texts generated, and writes them as they come or at the end.
final class Answering {

  private final ServerSettings settings;
  private final BatchScheduler scheduler;
  private final Metrics metrics;
  private final Exchange exchange;
  private final Generation generation;
  private final AnswerBody body;
  private final List<Choice> choices = new ArrayList<>();
  private Exchange.@Nullable EventStream stream;
  private volatile boolean finished;
  private volatile boolean left;

  Answering(
      ServerSettings settings,
      BatchScheduler scheduler,
      Metrics metrics,
      Exchange exchange,
      Generation generation,
      AnswerBody body) {
    this.settings = settings;
    this.scheduler = scheduler;
    this.metrics = metrics;
    this.exchange = exchange;
    this.generation = generation;
    this.body = body;
    for (Prompt prompt : generation.prompts()) {
      choices.add(new Choice(choices.size(), prompt));
    }
  }

  /// Generates and answers. When the client leaves, the texts are called off at once.
  ///
  /// @throws ApiException when nothing has been answered yet and the texts cannot be made
  void run() throws InterruptedException {
    Ticket ticket = scheduler.submit(generation.texts()).orElseThrow(this::busy);
    exchange.onLeave(() -> leave(ticket));
    try {
      follow(ticket);
    } catch (ApiException e) {
      if (stream == null) {
        throw e;
      }
      send(() -> body.failing(e)); // an answer that has begun can only say so
      stream.end();
    } finally {
      ticket.cancel(); // does nothing to texts that have ended
    }
  }

  // Clients that close the connection when they have what they wanted do not leave early.
  private void leave(Ticket ticket) {
    if (!finished) {
      left = true;
      metrics.left();
      ticket.cancel();
    }
  }

  private ApiException busy() {
    Occupancy now = scheduler.occupancy();
    return ApiException.of(
        429,
        "rate_limit_error",
        "The server is busy: %d texts run and %d wait, which is as many as may; %d bytes of caches are promised; try again later"
            .formatted(now.running(), now.waiting(), now.promisedBytes()));
  }

  private void follow(Ticket ticket) throws InterruptedException {
    long end = System.nanoTime() + settings.patience().toNanos();
    while (choices.stream().anyMatch(choice -> !choice.hasEnded())) {
      Ticket.Happening next =
          ticket
              .next(Duration.ofNanos(Math.max(0, end - System.nanoTime())))
              .orElseThrow(this::late);
      Choice choice = choices.get(next.text());
      switch (next.event()) {
        case TextEvent.Progress progress -> {
          begin();
          send(() -> body.progress(choice, progress));
        }
        case TextEvent.PromptRead read -> {
          choice.add(read);
          metrics.read(choice.prompt().ids().length, read.shared(), read.seconds());
          begin();
          send(() -> body.opening(choice));
        }
        case TextEvent.Token token -> {
          choice.add(token);
          send(() -> body.piece(choice, token));
        }
        case TextEvent.Ended ended -> end(choice, ended);
        case TextEvent.Failed failed ->
            throw ApiException.of(
                500, "server_error", String.valueOf(failed.reason().getMessage()));
      }
    }
    finish();
  }

  private ApiException late() {
    return ApiException.of(
        503,
        "server_error",
        "The answer took more than %d seconds; ask for fewer tokens or raise --timeout"
            .formatted(settings.patience().toSeconds()));
  }

  private void end(Choice choice, TextEvent.Ended ended) {
    choice.add(ended);
    if (left) {
      throw new ClientGoneException();
    }
    if (ended.result().reason() == Reason.CANCELLED) {
      throw ApiException.of(503, "server_error", "The server stops and has called the text off");
    }
    metrics.generated(ended.result().generatedTokens(), ended.result().generationSeconds());
    send(() -> body.closing(choice, ended));
  }

  // Headers come with the first prompt that has been read, so that they can say how long it took,
  // and so that what fails before has a status of its own; with its first chunk where progress is
  // told.
  private void begin() {
    if (generation.wishes().streams() && stream == null) {
      stream = exchange.events(headers());
    }
  }

  // Without a stream no event is made.
  private void send(Supplier<List<Event>> events) {
    if (stream != null) {
      events.get().forEach(stream::send);
    }
  }

  private void finish() {
    finished = true;
    if (stream == null) {
      exchange.answer(Answer.json(200, body.whole(choices, usage())).with(headers()));
      return;
    }
    send(() -> body.ending(choices, usage()));
    stream.end();
  }

  private int generatedTokens() {
    return choices.stream()
        .mapToInt(choice -> Objects.requireNonNull(choice.result()).generatedTokens())
        .sum();
  }

  // Of each prompt once, and so of one of its copies: that which shared least.
  private int cached() {
    int tokens = 0;
    int copies = generation.wishes().copies();
    for (int from = 0; from < choices.size(); from += copies) {
      tokens +=
          choices.subList(from, from + copies).stream().mapToInt(Choice::shared).min().orElse(0);
    }
    return tokens;
  }

  private TokenUsage usage() {
    return new TokenUsage(
        generation.promptTokens(), generatedTokens(), cached(), generation.dropped());
  }

  private Map<String, String> headers() {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("X-Lengthwise-Position-Method", generation.method());
    headers.put("X-Lengthwise-Context-Policy", generation.wishes().rule().word());
    headers.put("X-Lengthwise-Prompt-Tokens", Integer.toString(generation.promptTokens()));
    headers.put("X-Lengthwise-Dropped-Tokens", Integer.toString(generation.dropped()));
    if (!generation.wishes().progress()) { // else they come too early for that
      headers.put("X-Lengthwise-Cached-Tokens", Integer.toString(cached()));
      headers.put(
          "X-Lengthwise-Prefill-Seconds",
          seconds(choices.stream().mapToDouble(Choice::promptSeconds).sum()));
    }
    if (choices.stream().allMatch(Choice::hasEnded)) {
      headers.put(
          "X-Lengthwise-Decode-Seconds",
          seconds(
              choices.stream()
                  .mapToDouble(
                      choice -> Objects.requireNonNull(choice.result()).generationSeconds())
                  .sum()));
    }
    return headers;
  }

  private static String seconds(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }
}

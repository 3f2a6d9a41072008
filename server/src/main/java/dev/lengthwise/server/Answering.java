package dev.lengthwise.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.batch.BatchScheduler;
import dev.lengthwise.batch.Occupancy;
import dev.lengthwise.batch.TextEvent;
import dev.lengthwise.batch.Ticket;
import dev.lengthwise.generate.GenerationResult.Reason;
import dev.lengthwise.server.http.Answer;
import dev.lengthwise.server.http.Exchange;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The answer to one request: has its texts generated, and writes them as they come or at the end.
final class Answering {

  private final ServerSettings settings;
  private final BatchScheduler scheduler;
  private final Metrics metrics;
  private final Exchange exchange;
  private final Generation generation;
  private final AnswerFormat format;
  private final String id;
  private final long created;
  private final List<Choice> choices = new ArrayList<>();
  private Exchange.@Nullable EventStream stream;
  private volatile boolean finished;

  Answering(
      ServerSettings settings,
      BatchScheduler scheduler,
      Metrics metrics,
      Exchange exchange,
      Generation generation,
      AnswerFormat format) {
    this.settings = settings;
    this.scheduler = scheduler;
    this.metrics = metrics;
    this.exchange = exchange;
    this.generation = generation;
    this.format = format;
    this.id = format.prefix() + UUID.randomUUID().toString().replace("-", "");
    this.created = InstantSource.system().millis() / 1000;
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
      stream.send(e.json()); // an answer that has begun can only say so
      stream.end();
    } finally {
      ticket.cancel(); // does nothing to texts that have ended
    }
  }

  // Clients that close the connection when they have what they wanted do not leave early.
  private void leave(Ticket ticket) {
    if (!finished) {
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
          send(choice, progress);
        }
        case TextEvent.PromptRead read -> {
          choice.add(read);
          metrics.read(choice.prompt().ids().length, read.shared(), read.seconds());
          begin();
          send(format.opening(choice));
        }
        case TextEvent.Token token -> {
          choice.add(token);
          send(format.piece(choice, token));
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
    if (ended.result().reason() == Reason.CANCELLED) {
      throw ApiException.of(503, "server_error", "The server stops and has called the text off");
    }
    metrics.generated(ended.result().generatedTokens(), ended.result().generationSeconds());
    send(format.closing(choice, ended));
  }

  // Headers come with the first prompt that has been read, so that they can say how long it took,
  // and so that what fails before has a status of its own; with its first chunk where progress is
  // told.
  private void begin() {
    if (generation.wishes().streams() && stream == null) {
      stream = exchange.events(headers());
    }
  }

  private void send(List<ObjectNode> parts) {
    if (stream != null) {
      for (ObjectNode part : parts) {
        stream.send(envelope(true, Json.array().add(part)).toString());
      }
    }
  }

  private void send(Choice choice, TextEvent.Progress progress) {
    if (stream != null) {
      Prompt prompt = choice.prompt();
      ObjectNode body = envelope(true, Json.array());
      body.set("prompt_progress", ProgressJson.prompt(prompt.ids().length, progress));
      body.set("context", ProgressJson.context(prompt.dropped(), progress.context()));
      stream.send(body.toString());
    }
  }

  private void finish() {
    finished = true;
    if (stream == null) {
      ArrayNode all = Json.array();
      choices.forEach(choice -> all.add(format.whole(choice)));
      ObjectNode body = envelope(false, all);
      body.set("usage", usage());
      exchange.answer(Answer.json(200, body.toString()).with(headers()));
      return;
    }
    if (generation.wishes().usage()) {
      ObjectNode last = envelope(true, Json.array());
      last.set("usage", usage());
      stream.send(last.toString());
    }
    stream.send("[DONE]");
    stream.end();
  }

  private ObjectNode envelope(boolean piece, ArrayNode parts) {
    ObjectNode body =
        Json.object()
            .put("id", id)
            .put("object", format.object(piece))
            .put("created", created)
            .put("model", settings.name());
    body.set("choices", parts);
    return body.put("position_method", generation.method())
        .put("context_policy", generation.wishes().rule().word());
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

  private ObjectNode usage() {
    int prompt = generation.promptTokens();
    int generated = generatedTokens();
    ObjectNode usage =
        Json.object()
            .put("prompt_tokens", prompt)
            .put("completion_tokens", generated)
            .put("total_tokens", prompt + generated);
    usage.set("prompt_tokens_details", Json.object().put("cached_tokens", cached()));
    return usage.put("dropped_tokens", generation.dropped());
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

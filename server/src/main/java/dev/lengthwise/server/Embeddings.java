package dev.lengthwise.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.encode.Encoder;
import dev.lengthwise.server.http.Answer;
import dev.lengthwise.server.http.ClientGoneException;
import dev.lengthwise.server.http.Exchange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/// `/embeddings`: vectors of texts. Requests take turns, since a pass uses every thread.
final class Embeddings {

  private static final int MOST_TEXTS = 2048; // as OpenAI has it
  private static final int TEXTS_AT_ONCE = 32; // then it is seen whether the client is still there

  private final ServedModel model;
  private final ServerSettings settings;
  private final Metrics metrics;
  private final Semaphore turn = new Semaphore(1, true);
  private final AtomicInteger calledOff = new AtomicInteger();
  private volatile boolean stopped;

  Embeddings(ServedModel model, ServerSettings settings, Metrics metrics) {
    this.model = model;
    this.settings = settings;
    this.metrics = metrics;
  }

  /// What a request asks for.
  ///
  /// @param texts their ids
  /// @param prompt that each begins with
  /// @param form how vectors are written
  private record Wanted(
      Encoder encoder, String method, List<int[]> texts, String prompt, VectorForm form) {

    int tokens() {
      return texts.stream().mapToInt(ids -> ids.length).sum();
    }
  }

  void answer(Exchange exchange) throws InterruptedException {
    Wanted wanted = read(new Fields(Json.read(exchange.body())));
    List<float[]> vectors = vectors(wanted, exchange);
    ArrayNode data = Json.array();
    for (float[] vector : vectors) {
      ObjectNode one = Json.object().put("object", "embedding").put("index", data.size());
      one.set("embedding", wanted.form().write(vector));
      data.add(one);
    }
    ObjectNode body = Json.object().put("object", "list");
    body.set("data", data);
    body.put("model", settings.name()).put("position_method", wanted.method());
    body.set(
        "usage",
        Json.object().put("prompt_tokens", wanted.tokens()).put("total_tokens", wanted.tokens()));
    metrics.embedded(wanted.tokens());
    exchange.answer(
        Answer.json(200, body.toString())
            .with(
                Map.of(
                    "X-Lengthwise-Position-Method", wanted.method(),
                    "X-Lengthwise-Prompt-Tokens", Integer.toString(wanted.tokens()))));
  }

  private Wanted read(Fields fields) {
    Wishes.requireModel(fields, settings);
    fields.ignore("user");
    String method = fields.text("position_method").orElse(settings.method());
    Encoder encoder = model.encoder(method, settings.contextLimit());
    VectorForm form =
        new VectorForm(
            isBase64(fields.text("encoding_format")),
            fields.whole("dimensions", 1, encoder.size()));
    JsonNode input =
        fields
            .value("input")
            .orElseThrow(() -> ApiException.invalid("input", "'input' is missing"));
    fields.requireKnown();
    boolean ofIds = isOfIds(input);
    String prompt = ofIds ? "" : encoder.recipe().prompt(Optional.empty());
    try {
      return new Wanted(
          encoder,
          encoder.method(),
          ofIds ? idTexts(input) : texts(input, encoder, prompt),
          prompt,
          form);
    } catch (LengthwiseException e) {
      throw ApiException.invalid("input", String.valueOf(e.getMessage()));
    }
  }

  private static boolean isBase64(Optional<String> format) {
    return switch (format.orElse("float")) {
      case "float" -> false;
      case "base64" -> true;
      default ->
          throw ApiException.invalid(
              "encoding_format", "'encoding_format' must be float or base64");
    };
  }

  private static boolean isOfIds(JsonNode input) {
    return input.path(0).isNumber() || input.path(0).isArray();
  }

  private List<int[]> idTexts(JsonNode input) {
    JsonNode all = input.path(0).isNumber() ? Json.array().add(input) : input;
    List<int[]> texts = new ArrayList<>();
    for (JsonNode one : bounded(all)) {
      if (!one.isArray()) {
        throw wrong(one);
      }
      texts.add(within(Fields.ids("input", one, model.rows())));
    }
    return texts;
  }

  private int[] within(int[] ids) {
    if (ids.length > settings.contextLimit()) {
      throw ApiException.invalid(
          "input",
          "A text has %d tokens, and this server reads %d; shorten it, or start the server with a greater --ctx-size"
              .formatted(ids.length, settings.contextLimit()));
    }
    return ids;
  }

  private List<int[]> texts(JsonNode input, Encoder encoder, String prompt) {
    List<int[]> texts = new ArrayList<>();
    for (JsonNode one : bounded(input.isTextual() ? Json.array().add(input) : input)) {
      if (!one.isTextual()) {
        throw wrong(one);
      }
      texts.add(within(encoder.ids(prompt + one.textValue())));
    }
    return texts;
  }

  private static JsonNode bounded(JsonNode list) {
    if (!list.isArray() || list.isEmpty() || list.size() > MOST_TEXTS) {
      throw wrong(list);
    }
    return list;
  }

  private static ApiException wrong(JsonNode found) {
    return Fields.wrong(
        "input",
        "a text, token ids, or a list of up to %d texts or of lists of ids".formatted(MOST_TEXTS),
        found);
  }

  private List<float[]> vectors(Wanted wanted, Exchange exchange) throws InterruptedException {
    AtomicBoolean done = new AtomicBoolean();
    AtomicBoolean left = new AtomicBoolean();
    exchange.onLeave(() -> left.set(!done.get()));
    takeTurn();
    try {
      List<float[]> vectors = new ArrayList<>();
      while (vectors.size() < wanted.texts().size()) {
        if (left.get()) {
          metrics.left();
          throw new ClientGoneException();
        }
        if (stopped) {
          calledOff.incrementAndGet();
          throw ApiException.of(503, "server_error", "The server stops; try again later");
        }
        int from = vectors.size();
        int until = Math.min(wanted.texts().size(), from + TEXTS_AT_ONCE);
        vectors.addAll(
            wanted.encoder().encodeIds(wanted.texts().subList(from, until), wanted.prompt()));
      }
      return vectors;
    } catch (LengthwiseException e) {
      throw ApiException.invalid("input", String.valueOf(e.getMessage()));
    } finally {
      done.set(true);
      turn.release();
    }
  }

  /// Waits for the requests that run or wait, and lets no other one begin.
  ///
  /// @param most time to wait; then they are called off after the texts that are being read
  /// @return the number of requests that were called off
  int stop(Duration most) throws InterruptedException {
    boolean idle = turn.tryAcquire(most.toMillis(), TimeUnit.MILLISECONDS);
    stopped = true;
    if (!idle) {
      turn.acquire(); // behind all that wait
    }
    turn.release(); // whoever comes late is told at once
    return calledOff.get();
  }

  private void takeTurn() throws InterruptedException {
    if (turn.getQueueLength() >= Math.max(1, settings.limits().waiting())) {
      throw ApiException.of(
          429,
          "rate_limit_error",
          "The server is busy: %d requests for vectors wait, which is as many as may; try again later"
              .formatted(turn.getQueueLength()));
    }
    if (!turn.tryAcquire(settings.patience().toMillis(), TimeUnit.MILLISECONDS)) {
      throw ApiException.of(
          503,
          "server_error",
          "The vectors were not begun within %d seconds; try again later"
              .formatted(settings.patience().toSeconds()));
    }
  }
}

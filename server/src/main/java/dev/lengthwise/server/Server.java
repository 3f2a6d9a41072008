package dev.lengthwise.server;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.batch.BatchScheduler;
import dev.lengthwise.runtime.OpenModel;
import dev.lengthwise.server.http.Answer;
import dev.lengthwise.server.http.Exchange;
import dev.lengthwise.server.http.HttpServer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/// A model that is served over HTTP until it is closed: the place to start.
public final class Server implements AutoCloseable {

  private static final String HEALTH = "/health";

  /// For clients to take what has been made, when everything has ended.
  private static final Duration GRACE = Duration.ofSeconds(2);

  private final BatchScheduler scheduler;
  private final Embeddings embeddings;
  private final OpenRequests requests;
  private final HttpServer http;

  private Server(
      BatchScheduler scheduler, Embeddings embeddings, OpenRequests requests, HttpServer http) {
    this.scheduler = scheduler;
    this.embeddings = embeddings;
    this.requests = requests;
    this.http = http;
  }

  /// Serves a model, which stays open and is closed by the caller afterwards.
  ///
  /// @param notices gets a sentence for each failure that no client caused
  /// @throws LengthwiseException when the method makes no sense for the model, when a chosen
  ///     template is damaged or missing, or when the address cannot be taken
  public static Server start(OpenModel open, ServerSettings settings, Consumer<String> notices) {
    ServedModel model = new ServedModel(open);
    requireMethod(model, settings);
    model.requireTemplate(settings.template());
    Metrics metrics = new Metrics();
    BatchScheduler scheduler = new BatchScheduler(model.generator(), settings.limits());
    Embeddings embeddings = new Embeddings(model, settings, metrics);
    Map<String, Api.Endpoint> endpoints = endpoints(model, settings, scheduler, metrics);
    endpoints.put("POST /embeddings", embeddings::answer);
    Map<String, Answer> page = Page.files();
    page.forEach((path, file) -> endpoints.put("GET " + path, answering(_ -> file)));
    Set<String> withoutKey = new HashSet<>(page.keySet());
    withoutKey.add(HEALTH);
    Access access = new Access(settings.key(), withoutKey, settings.http().origins());
    OpenRequests requests = new OpenRequests();
    try {
      HttpServer http =
          HttpServer.start(settings.http(), new Api(access, requests, endpoints, metrics, notices));
      return new Server(scheduler, embeddings, requests, http);
    } catch (RuntimeException e) {
      scheduler.close();
      throw e;
    }
  }

  // A wrong method is said at the start, and not to the first client.
  private static void requireMethod(ServedModel model, ServerSettings settings) {
    try {
      model.inference(settings.method(), settings.contextLimit());
    } catch (ApiException e) {
      throw new LengthwiseException(String.valueOf(e.getMessage()), e);
    }
  }

  private static Map<String, Api.Endpoint> endpoints(
      ServedModel model, ServerSettings settings, BatchScheduler scheduler, Metrics metrics) {
    TextEndpoints texts =
        new TextEndpoints(model, settings, new AnswerForms(model.generator()), scheduler, metrics);
    ModelEndpoints about =
        new ModelEndpoints(model, settings, InstantSource.system().millis() / 1000);
    Map<String, Api.Endpoint> endpoints = new HashMap<>();
    endpoints.put("POST /completions", texts::completions);
    endpoints.put("POST /chat/completions", texts::chat);
    endpoints.put("POST /responses", texts::responses);
    SlotEndpoints slots = new SlotEndpoints(model, settings, scheduler);
    endpoints.put("GET /slots", answering(slots::list));
    endpoints.put("POST /slots" + Api.BELOW, slots::act);
    endpoints.put("GET " + ModelEndpoints.MODELS, answering(about::models));
    endpoints.put("GET " + ModelEndpoints.MODELS + Api.BELOW, answering(about::model));
    endpoints.put("GET " + HEALTH, answering(about::health));
    endpoints.put("GET /props", answering(about::props));
    endpoints.put("GET /tokenizer_info", answering(about::tokenizerInfo));
    endpoints.put("POST /tokenize", answering(about::tokenize));
    endpoints.put("POST /detokenize", answering(about::detokenize));
    endpoints.put("POST /apply-template", answering(about::applyTemplate));
    Reports reports = new Reports(settings.results());
    endpoints.put("GET " + Reports.PATH, answering(reports::list));
    endpoints.put("GET " + Reports.PATH + Api.BELOW, answering(reports::report));
    endpoints.put(
        "GET /metrics",
        answering(
            _ -> Answer.text("text/plain; version=0.0.4", metrics.text(scheduler.occupancy()))));
    return endpoints;
  }

  private static Api.Endpoint answering(Function<Exchange, Answer> answer) {
    return exchange -> exchange.answer(answer.apply(exchange));
  }

  /// The port that it listens at.
  public int port() {
    return http.port();
  }

  /// Takes nothing new, and waits for the answers that are on their way until clients have them.
  ///
  /// @param most time to wait, after which clients have two more seconds to take what there is
  /// @return the number of texts, and of requests for vectors, that had not ended and were called
  ///     off
  public int stop(Duration most) throws InterruptedException {
    http.stopListening();
    requests.close();
    long end = System.nanoTime() + most.toNanos();
    int left = scheduler.awaitIdle(most);
    scheduler.close();
    left += embeddings.stop(until(end));
    requests.await(until(end).plus(GRACE));
    return left;
  }

  private static Duration until(long end) {
    return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
  }

  /// Calls off what runs, and closes every connection.
  @Override
  public void close() {
    scheduler.close();
    http.close();
  }
}

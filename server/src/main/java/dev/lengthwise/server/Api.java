package dev.lengthwise.server;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.batch.SchedulerClosedException;
import dev.lengthwise.server.http.Answer;
import dev.lengthwise.server.http.ClientGoneException;
import dev.lengthwise.server.http.Exchange;
import dev.lengthwise.server.http.Handler;
import java.util.Map;
import java.util.function.Consumer;

/// Finds the endpoint of a request, and is the one place where failures become answers.
final class Api implements Handler {

  /// After a path of one name: any path below it.
  static final String BELOW = "/*";

  private final Access access;
  private final Map<String, Endpoint> endpoints;
  private final Metrics metrics;
  private final Consumer<String> notices;

  /// @param endpoints by method and path without `/v1`, such as `GET /models`
  /// @param notices gets a sentence for each failure that is ours
  Api(Access access, Map<String, Endpoint> endpoints, Metrics metrics, Consumer<String> notices) {
    this.access = access;
    this.endpoints = Map.copyOf(endpoints);
    this.metrics = metrics;
    this.notices = notices;
  }

  /// What answers a kind of request.
  @FunctionalInterface
  interface Endpoint {
    void answer(Exchange exchange) throws InterruptedException;
  }

  @Override
  public void handle(Exchange exchange) {
    int status = 200;
    try {
      endpoint(exchange).answer(exchange);
    } catch (ClientGoneException e) {
      status = 499; // as other servers count clients that left
      throw e;
    } catch (ApiException e) {
      status = e.status();
      if (e.getCause() != null) {
        notices.accept(e.getMessage() + ": " + e.getCause().getMessage());
      }
      exchange.answer(e.answer());
    } catch (SchedulerClosedException _) {
      status = 503;
      exchange.answer(
          ApiException.of(503, "server_error", "The server stops; try again later").answer());
    } catch (LengthwiseException | IllegalArgumentException e) {
      ApiException refusal = ApiException.invalid(String.valueOf(e.getMessage()));
      status = refusal.status();
      exchange.answer(refusal.answer());
    } catch (OutOfMemoryError | StackOverflowError e) { // of this request: others go on
      status = 500;
      fail(exchange, e, "The memory of the server does not suffice for this request");
    } catch (InterruptedException | RuntimeException e) {
      status = 500;
      fail(exchange, e, "An unexpected failure of the server");
    } finally {
      metrics.answered(status);
    }
  }

  private void fail(Exchange exchange, Throwable failure, String sentence) {
    notices.accept("A request failed: " + failure);
    if (!exchange.isAnswered()) {
      exchange.answer(ApiException.of(500, "server_error", sentence).answer());
    }
  }

  private Endpoint endpoint(Exchange exchange) {
    String path = exchange.path();
    String plain = path.startsWith("/v1/") ? path.substring("/v1".length()) : path;
    access.require(exchange, plain);
    String request = exchange.method() + " " + plain;
    int below = request.indexOf('/', request.indexOf('/') + 1);
    Endpoint found = endpoints.get(request);
    if (found == null && below > 0) {
      found = endpoints.get(request.substring(0, below) + BELOW);
    }
    if (found != null) {
      return found;
    }
    boolean other = endpoints.containsKey("GET " + plain) || endpoints.containsKey("POST " + plain);
    throw ApiException.of(
        other ? 405 : 404,
        "invalid_request_error",
        other
            ? "%s is not what this path takes".formatted(exchange.method())
            : "There is nothing at this path");
  }

  @Override
  public Answer refusal(int status, String sentence) {
    metrics.answered(status);
    return ApiException.of(status, "invalid_request_error", sentence).answer();
  }
}

package dev.lengthwise.server;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.batch.SchedulerClosedException;
import dev.lengthwise.server.http.Answer;
import dev.lengthwise.server.http.ClientGoneException;
import dev.lengthwise.server.http.Exchange;
import dev.lengthwise.server.http.Handler;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Consumer;

/// Finds the endpoint of a request, and is the one place where failures become answers.
final class Api implements Handler {

  /// After a path of one name: any path below it.
  static final String BELOW = "/*";

  /// As other servers count clients that left.
  private static final int LEFT = 499;

  private final Access access;
  private final OpenRequests open;
  private final Map<String, Endpoint> endpoints;
  private final Metrics metrics;
  private final Consumer<String> notices;

  /// @param open counts the requests that are being answered
  /// @param endpoints by method and path without `/v1`, such as `GET /models`
  /// @param notices gets a sentence for each failure that is ours
  Api(
      Access access,
      OpenRequests open,
      Map<String, Endpoint> endpoints,
      Metrics metrics,
      Consumer<String> notices) {
    this.access = access;
    this.open = open;
    this.endpoints = Map.copyOf(endpoints);
    this.metrics = metrics;
    this.notices = notices;
  }

  /// What answers a kind of request.
  @FunctionalInterface
  interface Endpoint {
    void answer(Exchange exchange) throws InterruptedException;
  }

  /// What stands below a path of [#BELOW], such as the name of a model.
  static String below(Exchange exchange, String path) {
    String name = exchange.path().substring(exchange.path().indexOf(path) + path.length() + 1);
    return URLDecoder.decode(name.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  @Override
  public void handle(Exchange exchange) {
    if (!open.begin()) {
      refuse(exchange, stops());
      metrics.answered(sent(exchange));
      return;
    }
    try {
      answer(exchange);
    } finally {
      open.end();
    }
  }

  private void answer(Exchange exchange) {
    boolean left = false;
    try {
      endpoint(exchange).answer(exchange);
    } catch (ClientGoneException e) {
      left = true;
      throw e;
    } catch (ApiException e) {
      if (e.getCause() != null) {
        notices.accept(e.getMessage() + ": " + e.getCause().getMessage());
      }
      refuse(exchange, e);
    } catch (SchedulerClosedException _) {
      refuse(exchange, stops());
    } catch (LengthwiseException | IllegalArgumentException e) {
      refuse(exchange, ApiException.invalid(String.valueOf(e.getMessage())));
    } catch (OutOfMemoryError | StackOverflowError e) { // of this request: others go on
      fail(exchange, e, "The memory of the server does not suffice for this request");
    } catch (InterruptedException | RuntimeException e) {
      fail(exchange, e, "An unexpected failure of the server");
    } finally {
      metrics.answered(left ? LEFT : sent(exchange));
    }
  }

  // Where nothing was, the connection was closed, by our fault.
  private static int sent(Exchange exchange) {
    return exchange.status().orElse(500);
  }

  private void fail(Exchange exchange, Throwable failure, String sentence) {
    notices.accept("A request failed: " + failure);
    refuse(exchange, ApiException.of(500, "server_error", sentence));
  }

  // An answer that has begun cannot become another one; it ends with its connection.
  private static void refuse(Exchange exchange, ApiException refusal) {
    if (exchange.status().isEmpty()) {
      exchange.answer(refusal.answer());
    }
  }

  private static ApiException stops() {
    return ApiException.of(503, "server_error", "The server stops; try again later");
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

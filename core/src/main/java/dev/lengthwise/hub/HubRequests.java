package dev.lengthwise.hub;

import dev.lengthwise.LengthwiseException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Objects;

/// GET requests to a hub, with its redirects and its refusals.
///
/// Redirects are followed here and not by the client: the user's token is for the hub alone, and
/// the place that large files are redirected to must not see it.
final class HubRequests implements AutoCloseable {

  private static final int REDIRECTS = 10;

  private final HubSettings settings;
  private final Duration silence;
  private final HttpClient client;

  HubRequests(HubSettings settings, Duration silence) {
    this.settings = settings;
    this.silence = silence;
    this.client =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(silence)
            .build();
  }

  /// The answer to a request for the bytes of `address` from `first` on: its status is 200 (all
  /// bytes), 206 (those that were asked for) or 416 (there are none).
  ///
  /// @param what is asked for, for messages
  /// @throws LengthwiseException when the hub refuses
  /// @throws IOException when it cannot be reached, or has no time
  HttpResponse<InputStream> get(URI address, long first, String what) throws IOException {
    URI next = address;
    for (int redirect = 0; redirect <= REDIRECTS; redirect++) {
      HttpResponse<InputStream> response = send(request(next, first));
      if (response.statusCode() / 100 != 3) {
        return checked(response, what);
      }
      response.body().close();
      next = target(response);
    }
    throw new LengthwiseException(
        "%s redirects without an end, %d times from %s".formatted(what, REDIRECTS, address));
  }

  private HttpRequest request(URI address, long first) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address)
            .timeout(silence)
            .header("User-Agent", "lengthwise")
            .header("Accept-Encoding", "identity"); // sizes and ranges are of the bytes themselves
    if (first > 0) {
      request.header("Range", "bytes=" + first + "-");
    }
    if (isHub(address)) {
      settings.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
    }
    return request.build();
  }

  private boolean isHub(URI address) {
    URI hub = settings.endpoint();
    return Objects.equals(hub.getScheme(), address.getScheme())
        && Objects.equals(hub.getHost(), address.getHost())
        && hub.getPort() == address.getPort();
  }

  private HttpResponse<InputStream> send(HttpRequest request) throws IOException {
    try {
      return client.send(request, BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the transfer was stopped");
    }
  }

  private static URI target(HttpResponse<InputStream> response) throws IOException {
    String location = response.headers().firstValue("Location").orElse("");
    try {
      return response.uri().resolve(location);
    } catch (IllegalArgumentException e) {
      throw new IOException("it redirects to '" + location + "', which is no address", e);
    }
  }

  private HttpResponse<InputStream> checked(HttpResponse<InputStream> response, String what)
      throws IOException {
    int status = response.statusCode();
    if (status == 200 || status == 206 || status == 416) {
      return response;
    }
    response.body().close();
    if (status == 408 || status == 429 || status >= 500) {
      throw new HubBusyException("it answers with status " + status, pause(response));
    }
    throw new LengthwiseException(
        what + refusal(status, response.headers().firstValue("X-Error-Code").orElse("")));
  }

  private static Duration pause(HttpResponse<InputStream> response) {
    return response
        .headers()
        .firstValue("Retry-After")
        .filter(text -> text.matches("\\d{1,6}"))
        .map(text -> Duration.ofSeconds(Long.parseLong(text)))
        .orElse(Duration.ZERO);
  }

  // The hub answers 401 also for what does not exist, since strangers may not know which does.
  private String refusal(int status, String code) {
    String hub = settings.endpoint().toString();
    String tokens =
        settings.token().isPresent()
            ? "with another token in HF_TOKEN"
            : "with a token in HF_TOKEN";
    return switch (code) {
      case "GatedRepo" ->
          " is gated: accept its terms on %s, then pull again %s".formatted(hub, tokens);
      case "RevisionNotFound" -> " has no such revision on %s; check --revision".formatted(hub);
      case "EntryNotFound" ->
          " is not there on %s, though it was listed; pull again".formatted(hub);
      default ->
          switch (status) {
            case 401, 403, 404 ->
                " is not on %s, or not for you (status %d); check its name, or pull %s"
                    .formatted(hub, status, tokens);
            default -> " was refused by %s with status %d; try later".formatted(hub, status);
          };
    };
  }

  @Override
  public void close() {
    client.shutdownNow();
    client.close();
  }
}

package dev.lengthwise.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.batch.Occupancy;
import dev.lengthwise.server.http.HttpServer;
import dev.lengthwise.server.http.HttpSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Failures that are no exceptions.
class ApiTest {

  private static final HttpSettings SETTINGS =
      new HttpSettings("127.0.0.1", 0, 1000, 10, Duration.ofMinutes(1), List.of());

  private final List<String> notices = new CopyOnWriteArrayList<>();

  private final Metrics metrics = new Metrics();

  private final Api api =
      new Api(
          new Access(Optional.empty(), Set.of(), List.of()),
          new OpenRequests(),
          Map.of(
              "GET /memory",
              _ -> {
                throw new OutOfMemoryError("Java heap space");
              },
              "GET /stack",
              _ -> {
                throw new StackOverflowError();
              },
              "GET /fine",
              exchange -> exchange.answer(ApiException.of(200, "t", "fine").answer()),
              "GET /machine",
              _ -> {
                throw new InternalError("a machine that is broken");
              },
              "GET /torn",
              exchange -> {
                exchange.events(Map.of());
                throw new IllegalStateException("in the middle");
              }),
          metrics,
          notices::add);

  private String get(String path) throws IOException {
    try (HttpServer server = HttpServer.start(SETTINGS, api);
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      String request = "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".formatted(path);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/memory", "/stack"})
  void aRequestThatTakesTooMuchMemoryIsAnswered(String path) throws IOException {
    assertThat(get(path))
        .startsWith("HTTP/1.1 500 ")
        .contains("The memory of the server does not suffice for this request")
        .doesNotContain("java.");
    assertThat(notices).singleElement().asString().contains("Error");
  }

  private List<String> answers() {
    return metrics
        .text(new Occupancy(0, 0, 0, 0, 0, 0))
        .lines()
        .filter(line -> line.startsWith("lengthwise_requests_total"))
        .map(line -> line.substring(line.indexOf("{") + 1))
        .toList();
  }

  @Test
  void whatWasSentIsCounted() throws IOException, InterruptedException {
    assertThat(get("/memory")).startsWith("HTTP/1.1 500 ");
    assertThat(get("/nothing")).startsWith("HTTP/1.1 404 ");
    assertThat(get("/torn")).startsWith("HTTP/1.1 200 ");
    for (int tries = 0; answers().size() < 3 && tries < 1000; tries++) {
      Thread.sleep(5); // clients may have read an answer before it is counted
    }
    assertThat(answers())
        .containsExactly("status=\"200\"} 1", "status=\"404\"} 1", "status=\"500\"} 1");
  }

  @Test
  void aConnectionThatNobodyAnswersIsClosed() throws IOException {
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    try {
      Thread.setDefaultUncaughtExceptionHandler((_, _) -> {});
      assertThat(get("/machine")).isEmpty();
      assertThat(answers()).containsExactly("status=\"500\"} 1");
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
    assertThat(get("/fine")).contains("fine");
  }
}

package dev.lengthwise.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// What becomes of a connection whose handler fails.
class HttpServerTest {

  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final int SOON = 120_000; // milliseconds

  private static String answer(Consumer<Exchange> handling) throws IOException {
    Handler handler =
        new Handler() {
          @Override
          public void handle(Exchange exchange) {
            handling.accept(exchange);
          }

          @Override
          public Answer refusal(int status, String sentence) {
            return Answer.json(status, "{}");
          }
        };
    HttpSettings settings = new HttpSettings("127.0.0.1", 0, 1024, 9, PATIENCE, List.of());
    try (HttpServer server = HttpServer.start(settings, handler);
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(SOON);
      socket
          .getOutputStream()
          .write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void aStreamThatIsNotEndedEndsWithItsConnection() throws IOException {
    String answer =
        answer(exchange -> exchange.events(Map.of()).send(Exchange.Event.of("the only one")));
    assertThat(answer).contains("data: the only one").doesNotEndWith("0\r\n\r\n");
  }

  @Test
  void aRequestWithoutAnAnswerEndsWithItsConnection() throws IOException {
    assertThat(answer(_ -> {})).isEmpty();
  }
}

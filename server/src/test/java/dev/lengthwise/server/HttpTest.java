package dev.lengthwise.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What holds of every request, over a socket.
@TestInstance(Lifecycle.PER_CLASS)
class HttpTest {

  private TinyServer tiny;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    tiny = TinyServer.start(folder, Optional.of("secret"), Duration.ofSeconds(2));
  }

  @AfterAll
  void stop() {
    tiny.close();
  }

  private String raw(String... parts) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), tiny.port())) {
      for (String part : parts) {
        socket.getOutputStream().write(part.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
      }
      InputStream in = socket.getInputStream();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void onlyThoseWhoKnowTheKeyAreServed() throws IOException, InterruptedException {
    assertThat(tiny.get("/health").status()).isEqualTo(200);
    for (String value : new String[] {"Bearer wrong", "Bearer ", "secret"}) {
      TinyServer.Reply reply = tiny.send(tiny.request("/v1/models").header("Authorization", value));
      assertThat(reply.status()).isEqualTo(401);
      assertThat(reply.json().path("error").path("type").asText())
          .isEqualTo("authentication_error");
    }
    assertThat(tiny.get("/metrics").status()).isEqualTo(401);
    assertThat(tiny.send(tiny.request("/models").header("Authorization", "Bearer secret")).status())
        .isEqualTo(200);
    assertThat(tiny.send(tiny.request("/models").header("X-Api-Key", "secret")).status())
        .isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/nothing", "/v1", "/v1/../models", "/%2e%2e/etc/passwd", "//", "/v1/v1/models"})
  void otherPathsAreNotFound(String path) throws IOException {
    assertThat(raw("GET " + path + " HTTP/1.1\r\nX-Api-Key: secret\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 404 ")
        .contains("\"error\"");
  }

  @Test
  void thePageLoadsItsOwnFilesOnlyAndNeedsNoKey() throws IOException, InterruptedException {
    TinyServer.Reply page = tiny.get("/");
    assertThat(page.body()).startsWith("<!doctype html>");
    assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("default-src 'self'");
    for (String file : new String[] {"page.js", "page.css"}) {
      assertThat(page.body()).contains("\"" + file + "\"").doesNotContain("://");
      assertThat(tiny.get("/" + file).status()).isEqualTo(200);
    }
  }

  @Test
  void reportsOfAFolderAreShownAndNothingElseOfIt(@TempDir Path other)
      throws IOException, InterruptedException {
    try (TinyServer server = TinyServer.start(other)) {
      Path report = other.resolve("results/a b/report.html");
      Files.createDirectories(report.getParent());
      Files.writeString(report, "<!doctype html>");
      Files.writeString(report.resolveSibling("results.jsonl"), "{}");
      Files.writeString(other.resolve("report.html"), "beside");
      assertThat(server.get("/results").json().path("reports").toString())
          .isEqualTo("[\"a b/report.html\"]");
      TinyServer.Reply page = server.get("/results/a%20b/report.html");
      assertThat(page.body()).isEqualTo("<!doctype html>");
      assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
          .contains("default-src 'none'");
      for (String path :
          new String[] {
            "a%20b/results.jsonl", "../report.html", "%2e%2e/report.html", "a%20b", "%zz"
          }) {
        assertThat(server.get("/results/" + path.replace("%zz", "%25zz")).status())
            .as(path)
            .isEqualTo(404);
      }
    }
  }

  @Test
  void anotherMethodIsRefused() throws IOException, InterruptedException {
    HttpRequest.Builder request = tiny.request("/v1/completions").header("X-Api-Key", "secret");
    assertThat(tiny.send(request.GET()).status()).isEqualTo(405);
  }

  @Test
  void whatIsNotHttpIsRefused() throws IOException {
    assertThat(raw("\u0016\u0003\u0001 nonsense\r\n\r\n")).startsWith("HTTP/1.1 400 ");
    assertThat(raw("GET /" + "x".repeat(20_000) + " HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 400 ");
  }

  @Test
  void aBodyThatIsTooLargeIsRefused() throws IOException {
    String head =
        "POST /v1/completions HTTP/1.1\r\nX-Api-Key: secret\r\nContent-Length: 3000000\r\n\r\n";
    assertThat(raw(head)).startsWith("HTTP/1.1 413 ").contains("1048576 bytes");
  }

  @Test
  void aRequestThatDoesNotArriveHoldsAConnectionOnlyForAWhile() throws IOException {
    assertThat(raw("POST /v1/completions HTTP/1.1\r\n", "Content-Le")).isEmpty();
    assertThat(raw()).isEmpty();
  }

  @Test
  void severalRequestsShareAConnectionInTheirOrder() throws IOException {
    String one = "GET /health HTTP/1.1\r\n\r\n";
    String last = "GET /nothing HTTP/1.1\r\nX-Api-Key: secret\r\nConnection: close\r\n\r\n";
    String answers = raw(one + one + last);
    assertThat(answers.split("HTTP/1.1 ", -1)).hasSize(4);
    assertThat(answers.indexOf("404")).isGreaterThan(answers.lastIndexOf("200 OK"));
  }

  @Test
  void pagesOfChosenOriginsMayUseTheServer() throws IOException {
    String preflight =
        String.join(
            "\r\n",
            "OPTIONS /v1/completions HTTP/1.1",
            "Origin: %s",
            "Access-Control-Request-Method: POST",
            "Connection: close",
            "",
            "");
    assertThat(raw(preflight.formatted("http://page.example")))
        .containsIgnoringCase("access-control-allow-origin: http://page.example")
        .containsPattern("access-control-allow-headers: .*\\*")
        .doesNotContainIgnoringCase("date:");
    assertThat(post("/tokenize", "http://page.example"))
        .containsIgnoringCase("access-control-expose-headers: *");
    assertThat(raw(preflight.formatted("http://other.example")))
        .doesNotContainIgnoringCase("access-control-allow-origin");
  }

  @Test
  void pagesFromElsewhereMayNotPost() throws IOException {
    String own = "http://127.0.0.1:" + tiny.port();
    for (String origin : new String[] {own, "http://page.example"}) {
      assertThat(post("/tokenize", origin)).as(origin).startsWith("HTTP/1.1 200 ");
    }
    for (String origin : new String[] {"http://other.example", "null", own + "0"}) {
      assertThat(post("/v1/tokenize", origin))
          .as(origin)
          .startsWith("HTTP/1.1 403 ")
          .contains("permission_error", "--cors-origin");
      assertThat(post("/slots/0?action=erase", origin)).startsWith("HTTP/1.1 403 ");
    }
  }

  private String post(String path, String origin) throws IOException {
    String body = "{\"prompt\": \"a\"}";
    String head =
        String.join(
            "\r\n",
            "POST %s HTTP/1.1",
            "Host: 127.0.0.1:%d",
            "Origin: %s",
            "X-Api-Key: secret",
            "Content-Length: %d",
            "Connection: close",
            "",
            "");
    return raw(head.formatted(path, tiny.port(), origin, body.length()) + body);
  }
}

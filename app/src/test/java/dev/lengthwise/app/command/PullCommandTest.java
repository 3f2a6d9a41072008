package dev.lengthwise.app.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.app.Run;
import dev.lengthwise.hub.HubName;
import dev.lengthwise.io.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// The command; what is fetched and how is tested in `HubPullTest` of the core.
class PullCommandTest {

  private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

  @TempDir private Path cache;

  private static HttpServer hub(byte[] weights) throws IOException {
    String entry =
        "{\"type\":\"file\",\"path\":\"m.gguf\",\"size\":%d,\"lfs\":{\"oid\":\"%s\",\"size\":%d}}"
            .formatted(weights.length, Sha256.of(weights), weights.length);
    Map<String, byte[]> answers =
        Map.of(
            "/api/models/o/m/revision/main",
            ("{\"sha\":\"" + COMMIT + "\"}").getBytes(StandardCharsets.UTF_8),
            "/api/models/o/m/tree/" + COMMIT,
            ("[" + entry + "]").getBytes(StandardCharsets.UTF_8),
            "/o/m/resolve/" + COMMIT + "/m.gguf",
            weights);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            byte[] answer = answers.get(exchange.getRequestURI().getPath());
            exchange.sendResponseHeaders(
                answer == null ? 404 : 200, answer == null ? -1 : answer.length);
            if (answer != null) {
              exchange.getResponseBody().write(answer);
            }
          }
        });
    server.start();
    return server;
  }

  @Test
  void printsWhereTheModelLiesAndShowsHowFarItHasCome() throws IOException {
    HttpServer hub = hub("weights".getBytes(StandardCharsets.UTF_8));
    String endpoint = "http://127.0.0.1:" + hub.getAddress().getPort();
    PrintStream processOut = System.out;
    PrintStream processErr = System.err;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
      PullCommand command =
          new PullCommand(Map.of("HF_ENDPOINT", endpoint, "HF_HUB_CACHE", cache.toString()));
      assertThat(new CommandLine(command).execute("o/m")).isZero();
    } finally {
      System.setOut(processOut);
      System.setErr(processErr);
      hub.stop(0);
    }
    Path model = Path.of(out.toString(StandardCharsets.UTF_8).strip());
    assertThat(model).hasFileName("m.gguf").hasContent("weights");
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("100 %", "m.gguf");
  }

  @Test
  void offlineSaysThatAModelIsMissing() {
    PullCommand command =
        new PullCommand(
            Map.of(
                "HF_ENDPOINT", "http://127.0.0.1:1",
                "HF_HUB_CACHE", cache.toString(),
                "HF_HUB_OFFLINE", "1"));
    new CommandLine(command).parseArgs("o/m");
    assertThatThrownBy(command::call)
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("o/m is not in the hub cache");
  }

  @Test
  void aModelThatIsMissingIsPulledByTheNameThatWasGiven() {
    assertThat(Run.of("inspect", "no-such-org/no-such-name:Q4_K_M").err())
        .contains("./lengthwise pull no-such-org/no-such-name:Q4_K_M");
    assertThat(HubName.parse("no-such-file.gguf")).isEmpty();
    assertThat(HubName.parse("../up")).isEmpty();
  }

  @Test
  void theBarNeverShowsMoreThanIsThere() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (TransferBar bar =
        new TransferBar(new PrintStream(out, true, StandardCharsets.UTF_8), () -> Instant.EPOCH)) {
      bar.accept("a", 999_999, 1_000_000);
      bar.accept("b", 0, 0);
    }
    assertThat(out.toString(StandardCharsets.UTF_8).replace("\r", "").lines())
        .satisfiesExactly(
            line -> assertThat(line).contains(" 99 %").endsWith("a"),
            line -> assertThat(line).contains("100 %").endsWith("b"));
  }
}

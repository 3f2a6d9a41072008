package dev.lengthwise.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/// What the page is served as, and what it is told of a text while that is read.
@TestInstance(Lifecycle.PER_CLASS)
class PageTest {

  private static final Pattern FILE =
      Pattern.compile("(?:src|href|from|import\\()[= ]*\"([^\"]+)\"");

  private TinyServer server;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    server = TinyServer.start(folder);
  }

  @AfterAll
  void stop() {
    server.close();
  }

  @Test
  void thePageRunsOnlyScriptsAndStylesOfItsServer() throws IOException, InterruptedException {
    TinyServer.Reply page = server.get("/");
    assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("default-src 'self'", "frame-ancestors 'none'", "base-uri 'none'")
        .doesNotContain("unsafe", "http", "*");
    assertThat(page.body()).doesNotContain("<style", "style=", "onclick", "//");
  }

  @Test
  void everyFileThatThePageNamesIsThere() throws IOException, InterruptedException {
    for (String name : List.of("/", "/page.js", "/curves.js", "/settings.js", "/strip.js")) {
      List<String> named =
          FILE.matcher(server.get(name).body())
              .results()
              .map(match -> match.group(1))
              .filter(file -> !file.startsWith("data:"))
              .toList();
      if (name.equals("/") || name.equals("/page.js")) {
        assertThat(named).as(name).isNotEmpty();
      }
      for (String file : named) {
        assertThat(server.get("/" + file.replace("./", "")).status()).as(file).isEqualTo(200);
      }
    }
  }

  private TinyServer.Reply read(String method, String more)
      throws IOException, InterruptedException {
    return server.post(
        "/v1/completions",
        "{\"prompt\": \"%s\", \"position_method\": \"%s\", \"max_tokens\": 9%s}"
            .formatted("abcdefghij".repeat(30), method, more));
  }

  @Test
  void aStreamSaysWhatIsSeenWhileThePromptIsRead() throws IOException, InterruptedException {
    TinyServer.Reply reply =
        read("streaming-llm:sinks=2,window=16", ", \"stream\": true, \"return_progress\": true");
    List<JsonNode> told = reply.events().stream().filter(event -> event.has("context")).toList();

    assertThat(told).extracting(event -> event.at("/prompt_progress/processed").asInt()).isSorted();
    assertThat(told.getFirst().at("/context/tokens").asInt()).isLessThan(300);
    JsonNode spans = told.getLast().at("/context/layers/0/spans");
    assertThat(spans.findValuesAsText("kind"))
        .containsExactly("sink", "held", "dropped", "held", "exact");
    assertThat(spans.get(0).toString())
        .isEqualTo("{\"from\":0,\"until\":2,\"kind\":\"sink\",\"farthest\":17.0,\"nearest\":16.0}");
    assertThat(reply.headers().firstValue("X-Lengthwise-Prefill-Seconds")).isEmpty();
  }

  @Test
  void progressNeedsAStream() throws IOException, InterruptedException {
    TinyServer.Reply reply = read("declared", ", \"return_progress\": true");
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.json().at("/error/param").asText()).isEqualTo("return_progress");
  }

  @Test
  void scoresComeWithTheEntropyOfTheirPlace() throws IOException, InterruptedException {
    JsonNode scores = read("declared", ", \"logprobs\": 0").json().at("/choices/0/logprobs");
    assertThat(scores.at("/token_entropies")).hasSameSizeAs(scores.at("/tokens"));
    for (JsonNode entropy : scores.at("/token_entropies")) {
      assertThat(entropy.asDouble()).isBetween(0.0, Math.log(260));
    }
  }
}

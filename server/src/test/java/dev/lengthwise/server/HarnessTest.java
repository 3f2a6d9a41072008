package dev.lengthwise.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/// The requests of lm-evaluation-harness 0.4.13 as it sent them to this server, with ids and texts
/// of the tiny model, and what it reads of the answers.
@TestInstance(Lifecycle.PER_CLASS)
class HarnessTest {

  private TinyServer tiny;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    tiny = TinyServer.start(folder);
  }

  @AfterAll
  void stop() {
    tiny.close();
  }

  private JsonNode post(String path, String body) throws IOException, InterruptedException {
    TinyServer.Reply reply =
        tiny.send(
            tiny.request(path)
                .header("Content-Type", "application/json")
                .header("Authorization", "Bearer none")
                .POST(BodyPublishers.ofString(body)));
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    return reply.json();
  }

  private JsonNode tokens(String text) throws IOException, InterruptedException {
    return post("/tokenize", "{\"prompt\": \"" + text + "\", \"add_special_tokens\": false}")
        .path("tokens");
  }

  /// Windows of a rolling log-likelihood begin with it.
  @Test
  void theIdOfTheTokenThatBeginsTextsIsFoundByItsName() throws IOException, InterruptedException {
    JsonNode info = tiny.get("/tokenizer_info").json();
    assertThat(tokens(info.path("bos_token").asText())).hasSize(1);
    assertThat(tokens(info.path("bos_token").asText()).path(0).asInt()).isEqualTo(1);
    assertThat(tokens(info.path("eos_token").asText()).path(0).asInt()).isEqualTo(2);
    assertThat(tokens("test " + info.path("bos_token").asText()).size())
        .as("a name within a text is text")
        .isGreaterThan(7);
  }

  @Test
  void logLikelihoodsAreReadOfPromptsAlone() throws IOException, InterruptedException {
    JsonNode answer =
        post(
            "/v1/completions",
            """
            {"model": "tiny", "prompt": [[1, 68, 69, 70]], "temperature": 0, "max_tokens": 1, \
            "logprobs": 1, "seed": 1234, "echo": true}\
            """);
    JsonNode scores = answer.at("/choices/0/logprobs");
    assertThat(scores.path("token_logprobs")).hasSize(5);
    for (int at = 1; at < 5; at++) {
      double greatest = scores.path("top_logprobs").path(at).elements().next().asDouble();
      assertThat(scores.path("token_logprobs").path(at).asDouble()).isLessThanOrEqualTo(greatest);
    }
  }

  /// A grammar, which the harness does not send, makes the tiny model come to a stop text.
  @Test
  void textsGoOnUntilAStop() throws IOException, InterruptedException {
    JsonNode answer =
        post(
            "/v1/completions",
            """
            {"prompt": [[1, 68, 69, 70]], "model": "tiny", "max_tokens": 24, "temperature": 0.0, \
            "stop": ["\\n", "</s>"], "seed": 1234, "grammar": "root ::= \\"ab\\\\ncd\\""}\
            """);
    assertThat(answer.at("/choices/0/index").isInt()).isTrue();
    assertThat(answer.at("/choices/0/text").asText()).isEqualTo("ab");
    assertThat(answer.at("/choices/0/finish_reason").asText()).isEqualTo("stop");
  }

  @Test
  void conversationsAreAnswered() throws IOException, InterruptedException {
    JsonNode answer =
        post(
            "/v1/chat/completions",
            """
            {"messages": [{"role": "user", "content": "import java.util.", "type": "text"}], \
            "model": "tiny", "max_tokens": 24, "temperature": 0.0, "stop": ["\\n"], "seed": 1234}\
            """);
    JsonNode text =
        post(
            "/v1/completions",
            """
            {"prompt": "<user>import java.util.<assistant>", "max_tokens": 24, \
            "temperature": 0.0, "stop": ["\\n"], "seed": 1234}\
            """);
    assertThat(answer.at("/choices/0/message/content").asText())
        .as("what the templated text is continued with")
        .isNotEmpty()
        .isEqualTo(text.at("/choices/0/text").asText());
  }
}

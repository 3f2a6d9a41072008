package dev.lengthwise.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Vectors over HTTP: of an encoder, whose fixture says what sentence-transformers makes of its
/// texts (tools/encoder-fixtures.py), and of a decoder.
@TestInstance(Lifecycle.PER_CLASS)
class EmbeddingsTest {

  private static final String PATH = "/v1/embeddings";
  private static final Path FAMILIES = Path.of("../core/src/test/resources/families/sentences");

  private TinyServer decoder;
  private TinyServer encoder;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    decoder = TinyServer.start(folder);
    encoder = TinyServer.serve(FAMILIES.resolve("mean"), Optional.empty(), Duration.ofSeconds(60));
  }

  @AfterAll
  void stop() {
    decoder.close();
    encoder.close();
  }

  private static JsonNode embed(TinyServer server, String fields)
      throws IOException, InterruptedException {
    TinyServer.Reply reply = server.post(PATH, "{" + fields + "}");
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    return reply.json();
  }

  private static JsonNode vector(JsonNode answer, int text) {
    return answer.path("data").path(text).path("embedding");
  }

  private static void assertNear(JsonNode found, JsonNode expected) {
    assertThat(found).hasSameSizeAs(expected);
    for (int n = 0; n < expected.size(); n++) {
      assertThat(found.path(n).asDouble()).isCloseTo(expected.path(n).asDouble(), within(2e-5));
    }
  }

  @Test
  void textsAndIdsOfAnEncoderGetItsVectors() throws IOException, InterruptedException {
    JsonNode fixture = TinyServer.json(Files.readString(FAMILIES.resolve("mean.json")));
    JsonNode ofTexts = embed(encoder, "\"input\": " + fixture.path("texts"));
    JsonNode ofIds = embed(encoder, "\"input\": " + fixture.path("ids"));
    int tokens = 0;
    for (int n = 0; n < fixture.path("texts").size(); n++) {
      assertNear(vector(ofTexts, n), fixture.path("vectors").path(n));
      assertNear(vector(ofIds, n), fixture.path("vectors").path(n));
      assertThat(ofTexts.path("data").path(n).path("index").asInt()).isEqualTo(n);
      tokens += fixture.path("ids").path(n).size();
    }
    assertThat(ofTexts.path("usage").path("prompt_tokens").asInt()).isEqualTo(tokens);
    assertThat(ofTexts.path("usage").path("total_tokens").asInt()).isEqualTo(tokens);
    assertThat(encoder.metric("lengthwise_embedded_tokens_total")).isGreaterThanOrEqualTo(tokens);
  }

  @Test
  void bytesInBase64AreTheSameFloats() throws IOException, InterruptedException {
    JsonNode floats = vector(embed(encoder, "\"input\": \"the fox\""), 0);
    String encoded =
        vector(embed(encoder, "\"input\": \"the fox\", \"encoding_format\": \"base64\""), 0)
            .textValue();
    ByteBuffer bytes =
        ByteBuffer.wrap(Base64.getDecoder().decode(encoded)).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(bytes.remaining()).isEqualTo(4 * floats.size());
    for (JsonNode number : floats) {
      assertThat(bytes.getFloat()).isEqualTo(number.floatValue());
    }
  }

  @Test
  void fewerDimensionsAreTheFirstOnesWithLengthOne() throws IOException, InterruptedException {
    JsonNode all = vector(embed(decoder, "\"input\": \"a\""), 0);
    JsonNode some = vector(embed(decoder, "\"input\": [\"a\"], \"dimensions\": 5"), 0);
    assertThat(some).hasSize(5);
    double square = 0;
    for (JsonNode number : some) {
      square += number.asDouble() * number.asDouble();
    }
    assertThat(square).isCloseTo(1, within(1e-6));
    assertThat(some.path(0).asDouble() / some.path(1).asDouble())
        .isCloseTo(all.path(0).asDouble() / all.path(1).asDouble(), within(1e-4));
  }

  @Test
  void aDecoderEmbedsUnderTheMethodOfTheRequest() throws IOException, InterruptedException {
    String text = "\"input\": \"" + "word ".repeat(10) + "\"";
    JsonNode plain = embed(decoder, text);
    JsonNode other = embed(decoder, text + ", \"position_method\": \"rerope:window=4\"");
    assertThat(other.path("position_method").asText()).isEqualTo("rerope:window=4");
    assertThat(vector(other, 0)).hasSameSizeAs(vector(plain, 0)).isNotEqualTo(vector(plain, 0));
  }

  @Test
  void anEncoderContinuesNoTextAndSaysWhy() throws IOException, InterruptedException {
    for (String path : new String[] {"/v1/completions", "/v1/chat/completions"}) {
      TinyServer.Reply reply =
          encoder.post(path, "{\"prompt\": \"a\", \"messages\": [{\"role\": \"user\"}]}");
      assertThat(reply.status()).isEqualTo(400);
      assertThat(reply.json().path("error").path("message").asText())
          .contains("encoder")
          .contains("/v1/embeddings");
    }
    assertThat(encoder.get("/props").json().path("continues_texts").asBoolean(true)).isFalse();
    assertThat(encoder.get("/v1/models").json().path("data").path(0).path("max_model_len").asInt())
        .isEqualTo(32);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}                                           | input",
        "{\"input\": []}                              | input",
        "{\"input\": 3}                               | input",
        "{\"input\": [\"a\", 3]}                      | input",
        "{\"input\": [1, \"a\"]}                      | input",
        "{\"input\": [[1], \"a\"]}                    | input",
        "{\"input\": [[]]}                            | input",
        "{\"input\": [1, 99999]}                      | input",
        "{\"input\": [[[1]]]}                         | input",
        "{\"input\": \"LONG\"}                        | input",
        "{\"input\": \"a\", \"dimensions\": 0}        | dimensions",
        "{\"input\": \"a\", \"dimensions\": 4096}     | dimensions",
        "{\"input\": \"a\", \"encoding_format\": \"hex\"} | encoding_format",
        "{\"input\": \"a\", \"position_method\": \"x\"}   | position_method",
        "{\"input\": \"a\", \"no_such_field\": 1}     | no_such_field",
      })
  void whatIsWrongIsNamed(String body, String parameter) throws IOException, InterruptedException {
    TinyServer.Reply reply = encoder.post(PATH, body.replace("LONG", "fox ".repeat(40)));
    assertThat(reply.status()).as(reply.body()).isEqualTo(400);
    assertThat(reply.json().path("error").path("param").asText()).isEqualTo(parameter);
  }
}

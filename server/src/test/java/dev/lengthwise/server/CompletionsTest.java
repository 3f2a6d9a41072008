package dev.lengthwise.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(Lifecycle.PER_CLASS)
class CompletionsTest {

  private static final String PATH = "/v1/completions";

  private TinyServer tiny;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    tiny = TinyServer.start(folder);
  }

  @AfterAll
  void stop() {
    tiny.close();
  }

  private JsonNode complete(String fields) throws IOException, InterruptedException {
    TinyServer.Reply reply = tiny.post(PATH, "{" + fields + "}");
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    return reply.json();
  }

  private static String text(JsonNode answer, int choice) {
    return answer.path("choices").path(choice).path("text").asText();
  }

  @Test
  void streamedIsNotStreamed() throws IOException, InterruptedException {
    String fields =
        """
        "prompt": ["one", "two"], "n": 2, "seed": 5, "max_tokens": 40, "echo": true, "stop": ["q"]\
        """;
    JsonNode whole = complete(fields);
    TinyServer.Reply stream =
        tiny.post(
            PATH,
            "{" + fields + ", \"stream\": true, \"stream_options\": {\"include_usage\": true}}");
    assertThat(stream.body()).endsWith("data: [DONE]\n\n");
    assertThat(whole.path("choices")).hasSize(4);
    for (JsonNode choice : whole.path("choices")) {
      int index = choice.path("index").asInt();
      List<JsonNode> parts =
          stream.events().stream()
              .map(event -> event.path("choices").path(0))
              .filter(part -> part.path("index").asInt(-1) == index)
              .toList();
      assertThat(
              parts.stream().map(part -> part.path("text").asText()).collect(Collectors.joining()))
          .isEqualTo(choice.path("text").asText());
      assertThat(parts.getLast().path("finish_reason")).isEqualTo(choice.path("finish_reason"));
    }
    JsonNode last = stream.events().getLast();
    assertThat(last.path("choices")).isEmpty();
    assertThat(last.path("usage")).isEqualTo(whole.path("usage"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void placesOfStreamedTokensAreThoseOfAWholeAnswer(boolean echo)
      throws IOException, InterruptedException {
    String fields =
        """
        "prompt": [1, 68, 69], "seed": 5, "max_tokens": 12, "logit_bias": {%s}, "logprobs": 0, "echo": %s\
        """
            .formatted(onlyCharactersOfOneByte(), echo);
    List<Integer> whole = offsets(complete(fields).path("choices").path(0));
    List<Integer> streamed =
        tiny.post(PATH, "{" + fields + ", \"stream\": true}").events().stream()
            .flatMap(event -> offsets(event.path("choices").path(0)).stream())
            .toList();
    assertThat(whole).startsWith(echo ? new Integer[] {0, 0, 1, 2, 3} : new Integer[] {0, 1, 2});
    assertThat(streamed).isEqualTo(whole);
  }

  // Others are held back until their character is whole.
  private static String onlyCharactersOfOneByte() {
    return IntStream.range(128, 256)
        .mapToObj(value -> "\"%d\": -1000".formatted(3 + value))
        .collect(Collectors.joining(", "));
  }

  private static List<Integer> offsets(JsonNode choice) {
    List<Integer> offsets = new ArrayList<>();
    choice.path("logprobs").path("text_offset").forEach(offset -> offsets.add(offset.asInt()));
    return offsets;
  }

  @Test
  void seedsRepeatAndCopiesDiffer() throws IOException, InterruptedException {
    String fields = "\"prompt\": \"abc\", \"max_tokens\": 20, \"ignore_eos\": true, \"seed\": ";
    JsonNode two = complete(fields + "3, \"n\": 2");
    assertThat(text(complete(fields + "3"), 0)).isEqualTo(text(two, 0)).isNotEqualTo(text(two, 1));
    assertThat(text(complete(fields + "4"), 0)).isEqualTo(text(two, 1));
  }

  @Test
  void promptsAreTextsIdsOrBothMixed() throws IOException, InterruptedException {
    JsonNode ids = tiny.post("/tokenize", "{\"prompt\": \"ab\"}").json().path("tokens");
    String rest = ", \"max_tokens\": 9, \"temperature\": 0";
    String expected = text(complete("\"prompt\": \"ab\"" + rest), 0);
    assertThat(text(complete("\"prompt\": " + ids + rest), 0)).isEqualTo(expected);
    assertThat(text(complete("\"prompt\": [" + ids + ", \"ab\"]" + rest), 1)).isEqualTo(expected);
    List<String> mixed = new ArrayList<>();
    mixed.add("\" a\""); // which a text of its own begins with
    mixed.add(ids.path(ids.size() - 1).toString());
    assertThat(complete("\"prompt\": " + mixed + rest).path("usage").path("prompt_tokens").asInt())
        .isEqualTo(ids.size() + 1);
  }

  /// What lm-evaluation-harness sends, and what it reads: arrays of prompt + 1 entries, in which a
  /// token is greedy where its value is the greatest of its map, exactly.
  @Test
  void scoresOfAPromptAreThoseThatEvaluationHarnessesRead()
      throws IOException, InterruptedException {
    JsonNode answer =
        complete(
            """
            "model": "tiny", "prompt": [[1, 68, 69, 70, 71], [1, 90]], "temperature": 0,
            "max_tokens": 1, "logprobs": 1, "seed": 1234, "echo": true\
            """);
    int[] lengths = {5, 2};
    for (int n = 0; n < 2; n++) {
      JsonNode scores = answer.path("choices").path(n).path("logprobs");
      assertThat(scores.path("token_logprobs")).hasSize(lengths[n] + 1);
      assertThat(scores.path("top_logprobs")).hasSize(lengths[n] + 1);
      assertThat(scores.path("tokens")).hasSize(lengths[n] + 1);
      assertThat(scores.path("token_logprobs").path(0).isNull()).isTrue();
      double drawn = scores.path("token_logprobs").path(lengths[n]).asDouble();
      JsonNode top = scores.path("top_logprobs").path(lengths[n]);
      assertThat(top.elements().next().asDouble()).as("greedy").isEqualTo(drawn);
      for (int at = 1; at <= lengths[n]; at++) {
        assertThat(scores.path("token_logprobs").path(at).asDouble()).isNegative();
      }
    }
  }

  @Test
  void everyRequestHasItsPositionMethodAndTheAnswerSaysWhich()
      throws IOException, InterruptedException {
    String prompt =
        "\"prompt\": \"" + "long ".repeat(40) + "\", \"temperature\": 0, \"max_tokens\": 9";
    TinyServer.Reply reply =
        tiny.post(PATH, "{" + prompt + ", \"position_method\": \"rerope:window=8\"}");
    assertThat(reply.json().path("position_method").asText()).isEqualTo("rerope:window=8");
    assertThat(reply.headers().firstValue("X-Lengthwise-Position-Method"))
        .contains("rerope:window=8");
    assertThat(reply.headers().firstValue("X-Lengthwise-Prompt-Tokens")).contains("202");
    assertThat(text(complete(prompt), 0)).isNotEqualTo(text(reply.json(), 0));
  }

  @Test
  void aPromptLosesTokensOnlyWhereItAsksForThat() throws IOException, InterruptedException {
    String prompt = "\"prompt\": \"" + "x".repeat(700) + "\", \"max_tokens\": 10";
    TinyServer.Reply refused = tiny.post(PATH, "{" + prompt + "}");
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.json().path("error").path("code").asText())
        .isEqualTo("context_length_exceeded");
    assertThat(refused.body()).contains("702 tokens").contains("600 tokens");
    JsonNode cut = complete(prompt + ", \"context_policy\": \"truncate-left\"");
    assertThat(cut.path("usage").path("prompt_tokens").asInt()).isEqualTo(590);
    assertThat(cut.path("usage").path("dropped_tokens").asInt()).isEqualTo(112);
    assertThat(cut.path("context_policy").asText()).isEqualTo("truncate-left");
  }

  @Test
  void anAnswerEndsWhereTheContextDoes() throws IOException, InterruptedException {
    JsonNode answer =
        complete(
            "\"prompt\": \"%s\", \"max_tokens\": 500, \"ignore_eos\": true"
                .formatted("x".repeat(590)));
    assertThat(answer.path("usage").path("total_tokens").asInt()).isEqualTo(TinyServer.CONTEXT);
    assertThat(answer.path("choices").path(0).path("finish_reason").asText()).isEqualTo("length");
  }

  /// The field that is named is the one that is wrong.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{                                                   |",
        "[]                                                  |",
        "{\"prompt\": \"a\", \"prompt\": \"b\"}              |",
        "{\"prompt\": \"a\"} x                               |",
        "{}                                                  | prompt",
        "{\"prompt\": 3}                                     | prompt",
        "{\"prompt\": []}                                    | prompt",
        "{\"prompt\": [1, 260]}                              | prompt",
        "{\"prompt\": [1, -1]}                               | prompt",
        "{\"prompt\": [1, 1.5]}                              | prompt",
        "{\"prompt\": [1, 99999999999999999999]}             | prompt",
        "{\"prompt\": [[\"a\"], {}]}                         | prompt",
        "{\"prompt\": \"a\", \"temperature\": NaN}           |",
        "{\"prompt\": \"a\", \"temperature\": 1e999}         | temperature",
        "{\"prompt\": \"a\", \"temperature\": \"hot\"}       | temperature",
        "{\"prompt\": \"a\", \"top_p\": 0}                   | top_p",
        "{\"prompt\": \"a\", \"max_tokens\": 1.5}            | max_tokens",
        "{\"prompt\": \"a\", \"max_tokens\": -1}             | max_tokens",
        "{\"prompt\": \"a\", \"n\": 0}                       | n",
        "{\"prompt\": \"a\", \"stop\": [1]}                  | stop",
        "{\"prompt\": \"a\", \"stop\": \"\"}                 | stop",
        "{\"prompt\": \"a\", \"stream\": 1}                  | stream",
        "{\"prompt\": \"a\", \"suffix\": \"b\"}              | suffix",
        "{\"prompt\": \"a\", \"frequency_penalty\": 1e999}   | frequency_penalty",
        "{\"prompt\": \"a\", \"logit_bias\": {\"x\": 1}}     | logit_bias",
        "{\"prompt\": \"a\", \"logit_bias\": {\"99999\": 1}} | logit_bias",
        "{\"prompt\": \"a\", \"best_of\": 3}                 | best_of",
        "{\"prompt\": \"a\", \"position_method\": \"x\"}     | position_method",
        "{\"prompt\": \"a\", \"position_method\": \"yarn:factor=-1\"} | position_method",
        "{\"prompt\": \"a\", \"context_policy\": \"window\"} | context_policy",
        "{\"prompt\": \"a\", \"no_such_field\": 1}           | no_such_field",
      })
  void whatIsWrongIsTheClientsFault(String body, String parameter)
      throws IOException, InterruptedException {
    TinyServer.Reply reply = tiny.post(PATH, body);
    assertThat(reply.status()).as(reply.body()).isEqualTo(400);
    JsonNode error = reply.json().path("error");
    assertThat(error.path("type").asText()).isEqualTo("invalid_request_error");
    assertThat(error.path("message").asText()).isNotEmpty();
    assertThat(error.path("param").textValue()).isEqualTo(parameter);
  }

  @Test
  void biasAndPenaltiesChangeWhatIsDrawn() throws IOException, InterruptedException {
    String fields =
        "\"prompt\": \"a\", \"temperature\": 0, \"max_tokens\": 8, \"ignore_eos\": true";
    assertThat(text(complete(fields + ", \"logit_bias\": {\"68\": 1000}"), 0))
        .isEqualTo("A".repeat(8)); // token 3 is byte 0
    assertThat(
            text(
                complete(
                    fields + ", \"logit_bias\": {\"68\": 99, \"69\": 98}, \"presence_penalty\": 9"),
                0))
        .startsWith("AB");
  }

  @Test
  void deepNestingIsRefused() throws IOException, InterruptedException {
    String deep = "[".repeat(5000) + "]".repeat(5000);
    assertThat(tiny.post(PATH, "{\"prompt\": " + deep + "}").status()).isEqualTo(400);
  }

  @Test
  void emptyAndNullFieldsAreAbsentOnes() throws IOException, InterruptedException {
    complete(
        """
        "prompt": "a", "stop": [], "suffix": null, "logit_bias": {}, "frequency_penalty": 0,
        "presence_penalty": 0.0, "best_of": 1, "user": "me", "max_tokens": 1\
        """);
  }

  @Test
  void anotherModelIsNotFound() throws IOException, InterruptedException {
    TinyServer.Reply reply = tiny.post(PATH, "{\"prompt\": \"a\", \"model\": \"gpt\"}");
    assertThat(reply.status()).isEqualTo(404);
    assertThat(reply.json().path("error").path("code").asText()).isEqualTo("model_not_found");
  }
}

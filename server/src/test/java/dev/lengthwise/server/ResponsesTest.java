package dev.lengthwise.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.helpers.ResponseAccumulator;
import com.openai.models.responses.Response;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseStatus;
import com.openai.models.responses.ResponseStreamEvent;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `/v1/responses`: what conversations give, in the words of OpenAI's newer interface.
@TestInstance(Lifecycle.PER_CLASS)
class ResponsesTest {

  private static final String PATH = "/v1/responses";
  private static final String HELLO =
      "\"input\": \"Hello\", \"seed\": 1, \"max_output_tokens\": 12";
  private static final String TOOLS =
      """
      , "max_output_tokens": 200, "tools": [{"type": "function", "name": "f", "strict": true,
      "parameters": {"type": "object", "properties": {"x": {"enum": ["p", "q"]}},
      "required": ["x"], "additionalProperties": false}}]\
      """;

  private TinyServer tiny;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    tiny = TinyServer.start(folder);
  }

  @AfterAll
  void stop() {
    tiny.close();
  }

  private JsonNode respond(String fields) throws IOException, InterruptedException {
    TinyServer.Reply reply = tiny.post(PATH, "{" + fields + "}");
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    return reply.json();
  }

  private JsonNode chat(String fields) throws IOException, InterruptedException {
    return tiny.post("/v1/chat/completions", "{" + fields + "}").json();
  }

  private static String text(JsonNode response) {
    return response.at("/output/0/content/0/text").asText();
  }

  @Test
  void aResponseIsWhatTheConversationGives() throws IOException, InterruptedException {
    JsonNode response = respond(HELLO + ", \"instructions\": \"Be brief\"");
    JsonNode answer =
        chat(
            """
            "messages": [{"role": "system", "content": "Be brief"},
            {"role": "user", "content": "Hello"}], "seed": 1, "max_tokens": 12\
            """);
    assertThat(text(response))
        .isEqualTo(answer.at("/choices/0/message/content").asText())
        .isNotEmpty();
    assertThat(response.at("/usage/input_tokens")).isEqualTo(answer.at("/usage/prompt_tokens"));
    assertThat(response.path("instructions").asText()).isEqualTo("Be brief");
    assertThat(response.path("store").asBoolean(true)).isFalse();
  }

  @Test
  void anAnswerThatIsCutIsIncomplete() throws IOException, InterruptedException {
    JsonNode response = respond(HELLO + ", \"ignore_eos\": true");
    assertThat(response.path("status").asText()).isEqualTo("incomplete");
    assertThat(response.at("/incomplete_details/reason").asText()).isEqualTo("max_output_tokens");
    JsonNode whole = respond(HELLO + ", \"grammar\": \"root ::= \\\"yes\\\"\"");
    assertThat(whole.path("status").asText()).isEqualTo("completed");
    assertThat(text(whole)).isEqualTo("yes");
  }

  @Test
  void itemsAreTheMessagesOfATurnWithTools() throws IOException, InterruptedException {
    JsonNode response =
        respond(
            """
            "input": [
            {"role": "developer", "content": "S"},
            {"role": "user", "content": [{"type": "input_text", "text": "a"}]},
            {"type": "message", "role": "assistant", "id": "msg_1", "status": "completed",
             "content": [{"type": "output_text", "text": "b", "annotations": []}]},
            {"type": "function_call", "id": "fc_1", "call_id": "c", "name": "f",
             "arguments": "{\\"x\\": \\"p\\"}"},
            {"type": "function_call_output", "call_id": "c", "output": "r"}],
            "seed": 1, "max_output_tokens": 12\
            """);
    JsonNode answer =
        chat(
            """
            "messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "a"},
            {"role": "assistant", "content": "b", "tool_calls": [{"id": "c", "type": "function",
             "function": {"name": "f", "arguments": "{\\"x\\": \\"p\\"}"}}]},
            {"role": "tool", "tool_call_id": "c", "content": "r"}], "seed": 1, "max_tokens": 12\
            """);
    assertThat(text(response)).isEqualTo(answer.at("/choices/0/message/content").asText());
    assertThat(response.at("/usage/input_tokens")).isEqualTo(answer.at("/usage/prompt_tokens"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "                                                 | incomplete | 1",
        ", \"grammar\": \"root ::= \\\"yes\\\"\"          | completed  | 1",
        ", \"tool_choice\": \"required\"                  | completed  | 1",
        ", \"text\": {\"format\": {\"type\": \"json_schema\", \"name\": \"n\", \"schema\":"
            + " {\"const\": 1}}} | completed | 1",
      })
  void streamedIsNotStreamed(String more, String status, int items)
      throws IOException, InterruptedException {
    boolean calls = more != null && more.contains("required");
    String fields = HELLO + (more == null ? ", \"ignore_eos\": true" : more);
    fields = calls ? fields.replace(", \"max_output_tokens\": 12", "") + TOOLS : fields;
    JsonNode whole = respond(fields);
    List<JsonNode> events = tiny.post(PATH, "{" + fields + ", \"stream\": true}").events();
    JsonNode last = events.getLast();
    assertThat(last.path("type").asText()).isEqualTo("response." + status);
    assertThat(last.path("response").path("output")).hasSize(items);
    assertThat(withoutNames(last.path("response"))).isEqualTo(withoutNames(whole));
    assertThat(events.stream().map(event -> event.path("sequence_number").asInt()))
        .containsExactlyElementsOf(IntStream.range(0, events.size()).boxed().toList());
    String piece = calls ? "response.function_call_arguments.delta" : "response.output_text.delta";
    assertThat(
            events.stream()
                .filter(event -> event.path("type").asText().equals(piece))
                .map(event -> event.path("delta").asText())
                .collect(Collectors.joining()))
        .isEqualTo(calls ? whole.at("/output/0/arguments").asText() : text(whole));
  }

  // Ids, times and what was read before differ between two answers.
  private static JsonNode withoutNames(JsonNode response) {
    ObjectNode copy = response.deepCopy();
    copy.remove(List.of("id", "created_at"));
    ((ObjectNode) copy.path("usage")).remove("input_tokens_details");
    copy.path("output").forEach(item -> ((ObjectNode) item).remove(List.of("id", "call_id")));
    return copy;
  }

  @Test
  void theEventsComeInTheOrderThatClientsExpect() throws IOException, InterruptedException {
    TinyServer.Reply reply =
        tiny.post(PATH, "{" + HELLO + ", \"grammar\": \"root ::= \\\"y\\\"\", \"stream\": true}");
    assertThat(reply.body()).startsWith("event: response.created\ndata: {");
    assertThat(reply.events().stream().map(event -> event.path("type").asText()))
        .containsExactly(
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.content_part.added",
            "response.output_text.delta",
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.completed");
  }

  @Test
  void openaiJavaReadsResponsesWholeAndInPieces() {
    OpenAIClient openai =
        OpenAIOkHttpClient.builder()
            .baseUrl("http://127.0.0.1:" + tiny.port() + "/v1")
            .apiKey("none")
            .maxRetries(0)
            .build();
    try {
      requireSameText(openai);
    } finally {
      openai.close();
    }
  }

  private static void requireSameText(OpenAIClient openai) {
    ResponseCreateParams params =
        ResponseCreateParams.builder()
            .model("tiny")
            .input("Hello")
            .temperature(0.0)
            .maxOutputTokens(12)
            .build();
    Response whole = openai.responses().create(params).validate();
    String text = openaiText(whole);
    assertThat(whole.status().orElseThrow())
        .isIn(ResponseStatus.COMPLETED, ResponseStatus.INCOMPLETE);
    assertThat(whole.usage().orElseThrow().inputTokens()).isEqualTo(23);
    ResponseAccumulator all = ResponseAccumulator.create();
    try (StreamResponse<ResponseStreamEvent> stream = openai.responses().createStreaming(params)) {
      assertThat(
              stream.stream()
                  .peek(event -> event.validate())
                  .peek(all::accumulate)
                  .flatMap(event -> event.outputTextDelta().stream())
                  .map(delta -> delta.delta())
                  .collect(Collectors.joining()))
          .isEqualTo(text);
    }
    assertThat(openaiText(all.response())).isEqualTo(text);
  }

  private static String openaiText(Response response) {
    return response.output().stream()
        .flatMap(item -> item.message().stream())
        .flatMap(message -> message.content().stream())
        .flatMap(content -> content.outputText().stream())
        .map(output -> output.text())
        .collect(Collectors.joining());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"seed\": 1                                                     | input",
        "\"input\": 3                                                    | input",
        "\"input\": []                                                   | input",
        "\"input\": [3]                                                  | input",
        "\"input\": [{\"role\": \"user\"}]                               | input",
        "\"input\": [{\"role\": \"user\", \"content\": [{\"type\": \"input_image\"}]}] | input",
        "\"input\": [{\"type\": \"function_call\", \"name\": \"f\"}]     | input",
        "\"input\": [{\"type\": \"item_reference\", \"id\": \"msg_1\"}]  | input",
        "\"input\": \"a\", \"messages\": []                              | messages",
        "\"input\": \"a\", \"n\": 2                                      | n",
        "\"input\": \"a\", \"max_output_tokens\": 0                      | max_output_tokens",
        "\"input\": \"a\", \"instructions\": 1                           | instructions",
        "\"input\": \"a\", \"store\": true                               | store",
        "\"input\": \"a\", \"previous_response_id\": \"resp_1\"          | previous_response_id",
        "\"input\": \"a\", \"background\": true                          | background",
        "\"input\": \"a\", \"reasoning\": {\"effort\": \"high\"}         | reasoning",
        "\"input\": \"a\", \"tools\": \"f\"                              | tools",
        "\"input\": \"a\", \"tools\": [{\"type\": \"web_search\"}]       | tools",
        "\"input\": \"a\", \"tool_choice\": \"required\"                 | tool_choice",
        "\"input\": \"a\", \"text\": {\"format\": {\"type\": \"xml\"}}   | text.format",
        "\"input\": \"a\", \"text\": {\"format\": {\"type\": \"json_schema\"}} | text.format",
        "\"input\": \"a\", \"temperature\": 1e999                        | temperature",
        "\"input\": \"a\", \"position_method\": \"x\"                    | position_method",
      })
  void whatIsWrongIsTheClientsFaultInItsOwnWords(String fields, String parameter)
      throws IOException, InterruptedException {
    TinyServer.Reply reply = tiny.post(PATH, "{" + fields + "}");
    assertThat(reply.status()).as(reply.body()).isEqualTo(400);
    assertThat(reply.json().at("/error/param").asText()).as(reply.body()).isEqualTo(parameter);
    assertThat(reply.body()).doesNotContain("'messages' must", "response_format");
  }

  @Test
  void progressIsNotTold() throws IOException, InterruptedException {
    TinyServer.Reply reply =
        tiny.post(PATH, "{" + HELLO + ", \"stream\": true, \"return_progress\": true}");
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.json().at("/error/param").asText()).isEqualTo("return_progress");
  }

  @Test
  void aResponseThatCannotGoOnHasFailed(@TempDir Path folder)
      throws IOException, InterruptedException {
    try (TinyServer stopping = TinyServer.start(folder);
        HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          stopping
              .request(PATH)
              .POST(
                  HttpRequest.BodyPublishers.ofString(
                      "{\"input\": \"a\", \"max_output_tokens\": 500, \"stream\": true,"
                          + " \"ignore_eos\": true}"))
              .build();
      List<String> lines = new ArrayList<>();
      try (Stream<String> body = client.send(request, HttpResponse.BodyHandlers.ofLines()).body()) {
        Iterator<String> next = body.iterator();
        lines.add(next.next());
        stopping.server.stop(Duration.ZERO);
        next.forEachRemaining(lines::add);
      }
      assertThat(lines).contains("event: response.failed");
      JsonNode last = TinyServer.json(lastData(lines));
      assertThat(last.at("/response/status").asText()).isEqualTo("failed");
      assertThat(last.at("/response/error/code").asText()).isEqualTo("server_error");
      assertThat(last.at("/response/error/message").asText()).contains("stops");
    }
  }

  private static String lastData(List<String> lines) {
    return lines.stream()
        .filter(line -> line.startsWith("data: "))
        .reduce((_, later) -> later)
        .orElseThrow()
        .substring("data: ".length());
  }
}

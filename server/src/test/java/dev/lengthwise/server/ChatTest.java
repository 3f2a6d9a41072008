package dev.lengthwise.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(Lifecycle.PER_CLASS)
class ChatTest {

  private static final String PATH = "/v1/chat/completions";
  private static final String HELLO =
      "\"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}], \"seed\": 1, \"max_tokens\":"
          + " 12";

  private static final String TOOLS =
      ", \"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"f\", \"parameters\":"
          + " {\"type\": \"object\", \"properties\": {\"x\": {\"enum\": [\"p\", \"q\"]}},"
          + " \"required\": [\"x\"], \"additionalProperties\": false}}}, {\"type\": \"function\","
          + " \"function\": {\"name\": \"g\", \"parameters\": {\"type\": \"object\","
          + " \"additionalProperties\": false}}}]";

  private TinyServer tiny;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    tiny = TinyServer.start(folder);
  }

  @AfterAll
  void stop() {
    tiny.close();
  }

  private JsonNode chat(String fields) throws IOException, InterruptedException {
    TinyServer.Reply reply = tiny.post(PATH, "{" + fields + "}");
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    return reply.json();
  }

  private String prompt(String fields) throws IOException, InterruptedException {
    TinyServer.Reply reply = tiny.post("/apply-template", "{" + fields + "}");
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    return reply.json().path("prompt").asText();
  }

  @Test
  void anAnswerIsWhatCompletingTheTemplateGives() throws IOException, InterruptedException {
    JsonNode answer = chat(HELLO);
    assertThat(prompt("\"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]"))
        .isEqualTo("<user>Hello<assistant>");
    JsonNode ids =
        tiny.post(
                "/tokenize",
                "{\"prompt\": \"<user>Hello<assistant>\", \"add_special_tokens\": false}")
            .json()
            .path("tokens");
    JsonNode completed =
        tiny.post("/completions", "{\"prompt\": " + ids + ", \"seed\": 1, \"max_tokens\": 12}")
            .json();
    assertThat(answer.path("id").asText()).startsWith("chatcmpl-");
    assertThat(answer.path("object").asText()).isEqualTo("chat.completion");
    JsonNode message = answer.path("choices").path(0).path("message");
    assertThat(message.path("role").asText()).isEqualTo("assistant");
    assertThat(message.path("content").asText())
        .isEqualTo(completed.path("choices").path(0).path("text").asText())
        .isNotEmpty();
  }

  @Test
  void streamedIsNotStreamed() throws IOException, InterruptedException {
    String content = chat(HELLO).path("choices").path(0).path("message").path("content").asText();
    TinyServer.Reply stream = tiny.post(PATH, "{" + HELLO + ", \"stream\": true}");
    assertThat(
            stream.events().stream()
                .map(event -> event.path("choices").path(0).path("delta").path("content").asText())
                .collect(Collectors.joining()))
        .isEqualTo(content);
    JsonNode first = stream.events().getFirst().path("choices").path(0);
    assertThat(first.path("delta").path("role").asText()).isEqualTo("assistant");
    assertThat(stream.events().stream().map(event -> event.path("id")).distinct()).hasSize(1);
    assertThat(stream.events().getLast().path("choices").path(0).path("finish_reason").asText())
        .isIn("length", "stop");
  }

  @Test
  void partsOfTextAreJoinedAndAnAnswerThatHasBegunGoesOn()
      throws IOException, InterruptedException {
    assertThat(
            prompt(
                """
                "messages": [{"role": "user", "content": [{"type": "text", "text": "a"},
                {"type": "text", "text": "b"}]}, {"role": "assistant", "content": "Well,"}]\
                """))
        .isEqualTo("<user>ab<assistant>Well,");
  }

  @Test
  void toolsReachTheTemplate() throws IOException, InterruptedException {
    String tools =
        """
        , "tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}]\
        """;
    assertThat(prompt(HELLO.substring(0, HELLO.indexOf("]") + 1) + tools))
        .isEqualTo("[1]<user>Hello<assistant>");
    assertThat(
            prompt(
                HELLO.substring(0, HELLO.indexOf("]") + 1) + tools + ", \"tool_choice\": \"none\""))
        .isEqualTo("<user>Hello<assistant>");
  }

  /// As libraries write the schema of a class with an enum and a list of itself.
  @Test
  void aForcedCallMayReferToDefinitionsOfItsTool() throws IOException, InterruptedException {
    String tools =
        """
        , "tools": [{"type": "function", "function": {"name": "f", "parameters":
        {"type": "object", "properties": {"x": {"$ref": "#/$defs/Letter"}},
        "required": ["x"], "additionalProperties": false,
        "$defs": {"Letter": {"enum": ["p", "q"]}}}}},
        {"type": "function", "function": {"name": "g", "parameters":
        {"type": "object", "properties": {"x": {"$ref": "#/definitions/Letter"},
        "next": {"type": "array", "maxItems": 1, "items": {"$ref": "#"}}},
        "required": ["x"], "additionalProperties": false,
        "definitions": {"Letter": {"const": "r"}}}}}]\
        """;
    String fields = HELLO.replace("\"max_tokens\": 12", "\"max_tokens\": 200") + tools;
    JsonNode call =
        chat(fields + ", \"tool_choice\": \"required\"")
            .at("/choices/0/message/tool_calls/0/function");
    JsonNode arguments = TinyServer.json(call.path("arguments").asText());
    assertThat(arguments.path("x").asText())
        .isIn(call.path("name").asText().equals("f") ? List.of("p", "q") : List.of("r"));
    String choice = ", \"tool_choice\": {\"type\": \"function\", \"function\": {\"name\": \"g\"}}";
    assertThat(
            TinyServer.json(
                    chat(fields + choice)
                        .at("/choices/0/message/tool_calls/0/function/arguments")
                        .asText())
                .path("x")
                .asText())
        .isEqualTo("r");
  }

  @Test
  void aCallIsForcedByItsForm() throws IOException, InterruptedException {
    String fields = HELLO.replace("\"max_tokens\": 12", "\"max_tokens\": 200") + TOOLS;
    JsonNode any = chat(fields + ", \"tool_choice\": \"required\"").path("choices").path(0);
    assertThat(any.path("finish_reason").asText()).isEqualTo("tool_calls");
    assertThat(any.path("message").path("content").isNull()).isTrue();
    JsonNode call = any.path("message").path("tool_calls").path(0).path("function");
    assertThat(call.path("name").asText()).isIn("f", "g");
    for (String name : new String[] {"f", "g"}) {
      String choice =
          ", \"tool_choice\": {\"type\": \"function\", \"function\": {\"name\": \"%s\"}}"
              .formatted(name);
      JsonNode function =
          chat(fields + choice)
              .path("choices")
              .path(0)
              .path("message")
              .path("tool_calls")
              .path(0)
              .path("function");
      assertThat(function.path("name").asText()).isEqualTo(name);
      JsonNode arguments = TinyServer.json(function.path("arguments").asText());
      if (name.equals("f")) {
        assertThat(arguments.path("x").asText()).isIn("p", "q");
      } else {
        assertThat(arguments).isEmpty();
      }
    }
  }

  @Test
  void oldestTurnsAreDroppedOnRequest() throws IOException, InterruptedException {
    StringBuilder messages = new StringBuilder("{\"role\": \"system\", \"content\": \"S\"}");
    for (int turn = 0; turn < 9; turn++) {
      messages.append(", {\"role\": \"user\", \"content\": \"%s\"}".formatted("u".repeat(100)));
      messages.append(", {\"role\": \"assistant\", \"content\": \"A\"}");
    }
    messages.append(", {\"role\": \"user\", \"content\": \"last\"}");
    String fields = "\"max_tokens\": 5, \"messages\": [" + messages + "]";
    assertThat(tiny.post(PATH, "{" + fields + "}").status()).isEqualTo(400);
    JsonNode answer = chat(fields + ", \"context_policy\": \"drop-oldest-turns\"");
    assertThat(answer.path("usage").path("prompt_tokens").asInt()).isBetween(400, 595);
    assertThat(answer.path("usage").path("dropped_tokens").asInt()).isGreaterThan(500);
  }

  @Test
  void scoresJoinedAreTheText() throws IOException, InterruptedException {
    JsonNode choice =
        chat(HELLO + ", \"logprobs\": true, \"top_logprobs\": 2").path("choices").path(0);
    JsonNode content = choice.path("logprobs").path("content");
    assertThat(content).hasSizeBetween(1, 12);
    for (JsonNode token : content) {
      assertThat(token.path("top_logprobs")).hasSize(2);
      assertThat(token.path("logprob").asDouble()).isNegative();
    }
  }

  @Test
  void answersAreBoundToAForm() throws IOException, InterruptedException {
    String schema =
        """
        , "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema":
        {"type": "object", "properties": {"a": {"enum": ["x", "yy"]}}, "required": ["a"],
        "additionalProperties": false}}}, "max_tokens": 200\
        """;
    String fields = HELLO.replace(", \"max_tokens\": 12", "") + schema;
    JsonNode choice = chat(fields).path("choices").path(0);
    assertThat(choice.path("finish_reason").asText()).isEqualTo("stop");
    assertThat(TinyServer.json(choice.path("message").path("content").asText()).path("a").asText())
        .isIn("x", "yy");
    JsonNode word = chat(HELLO + ", \"grammar\": \"root ::= \\\"yes\\\" | \\\"no\\\"\"");
    assertThat(word.path("choices").path(0).path("message").path("content").asText())
        .isIn("yes", "no");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"messages\": []",
        "\"messages\": \"hi\"",
        "\"messages\": [\"hi\"]",
        "\"messages\": [{}]",
        "\"messages\": [{\"role\": 1, \"content\": \"a\"}]",
        "\"messages\": [{\"role\": \"user\", \"content\": 7}]",
        "\"messages\": [{\"role\": \"user\", \"content\": null}]",
        "\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"image_url\"}]}]",
        HELLO + ", \"response_format\": {\"type\": \"xml\"}",
        HELLO + ", \"response_format\": {\"type\": \"json_schema\"}",
        HELLO + ", \"grammar\": \"root ::= nothing\"",
        HELLO + ", \"tool_choice\": \"required\"",
        HELLO + TOOLS + ", \"tool_choice\": \"maybe\"",
        HELLO
            + TOOLS
            + ", \"tool_choice\": {\"type\": \"function\", \"function\": {\"name\": \"h\"}}",
        HELLO + TOOLS + ", \"tool_choice\": \"required\", \"grammar\": \"root ::= \\\"a\\\"\"",
        HELLO + ", \"tools\": [3]",
        HELLO + ", \"top_logprobs\": 3",
        HELLO + ", \"suffix\": \"x\"",
        // What would take all time or memory there is.
        HELLO + ", \"chat_template\": \"{% for i in range(999999999) %}x{% endfor %}\"",
        HELLO + ", \"grammar\": \"root ::= ((\\\"a\\\"{9999}){9999}){9999}\"",
        HELLO
            + ", \"response_format\": {\"type\": \"json_schema\", \"json_schema\": {\"name\":"
            + " \"n\", \"schema\": {\"type\": \"array\", \"items\": {}, \"minItems\":"
            + " 999999999}}}",
      })
  void whatIsWrongIsTheClientsFault(String fields) throws IOException, InterruptedException {
    TinyServer.Reply reply = tiny.post(PATH, "{" + fields + "}");
    assertThat(reply.status()).as(reply.body()).isEqualTo(400);
    assertThat(reply.json().path("error").path("param").asText()).isNotEmpty();
  }

  @Test
  void anImageIsRefusedWithASentence() throws IOException, InterruptedException {
    TinyServer.Reply reply =
        tiny.post(
            PATH,
            "{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"image_url\","
                + " \"image_url\": {\"url\": \"data:,\"}}]}]}");
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.json().at("/error/message").asText())
        .startsWith(
            "'messages' must be made of parts of the type 'text' alone, since models here read no"
                + " images or sounds, found {\"type\":\"image_url\"");
  }
}

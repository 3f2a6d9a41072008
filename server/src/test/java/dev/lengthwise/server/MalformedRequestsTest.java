package dev.lengthwise.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Requests that were changed at random: each gets an answer or a refusal in OpenAI's form, never a
/// failure of the server, and nothing is lost. `-Dlengthwise.malformedRequests=10000` for many.
class MalformedRequestsTest {

  private static final int REQUESTS = Integer.getInteger("lengthwise.malformedRequests", 300);
  private static final int AT_ONCE = 8;

  /// What requests are made of: a path, and a body that is right.
  private record Valid(String path, String body) {}

  private static final List<Valid> VALID =
      List.of(
          new Valid(
              "/v1/completions",
              """
              {"model": "tiny", "prompt": ["a", [1, 68]], "max_tokens": 2, "temperature": 0.5,
               "top_p": 0.9, "n": 1, "seed": 4, "stop": ["x"], "logprobs": 1, "echo": true,
               "logit_bias": {"70": -1}, "position_method": "rerope:window=8",
               "context_policy": "truncate-left", "stream": false}\
              """),
          new Valid(
              "/v1/chat/completions",
              """
              {"messages": [{"role": "system", "content": "S"}, {"role": "user", "content":
               [{"type": "text", "text": "hi"}]}], "max_completion_tokens": 2, "logprobs": true,
               "top_logprobs": 1, "stream": true, "stream_options": {"include_usage": true},
               "tools": [{"type": "function", "function": {"name": "f", "parameters":
               {"type": "object"}}}], "tool_choice": "auto"}\
              """),
          new Valid(
              "/v1/chat/completions",
              """
              {"messages": [{"role": "user", "content": "a"}], "max_tokens": 3, "response_format":
               {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object",
               "properties": {"a": {"enum": ["x"]}}, "required": ["a"]}}}}\
              """),
          new Valid(
              "/v1/completions",
              "{\"prompt\": \"a\", \"max_tokens\": 2, \"grammar\": \"root ::= [a-c]+ |"
                  + " \\\"x\\\"\"}"),
          new Valid(
              "/v1/embeddings",
              "{\"input\": [\"a\", \"bc\"], \"dimensions\": 3, \"encoding_format\": \"base64\"}"),
          new Valid(
              "/v1/responses",
              """
              {"input": [{"role": "user", "content": [{"type": "input_text", "text": "a"}]},
               {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
               {"type": "function_call_output", "call_id": "c", "output": "r"}],
               "instructions": "S", "max_output_tokens": 2, "temperature": 0.5, "stream": true,
               "tools": [{"type": "function", "name": "f", "parameters": {"type": "object"}}],
               "tool_choice": "auto", "text": {"format": {"type": "json_object"}}}\
              """),
          new Valid("/slots/0?action=save", "{\"filename\": \"a\"}"),
          new Valid("/slots/1?action=restore", "{\"filename\": \"a\"}"),
          new Valid("/slots/0?action=erase", "{}"),
          new Valid("/tokenize", "{\"prompt\": \"a b\", \"with_pieces\": true}"),
          new Valid("/detokenize", "{\"tokens\": [70, 71]}"),
          new Valid(
              "/apply-template", "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}]}"));

  private static final List<String> STRANGE =
      List.of(
          "null",
          "true",
          "-1",
          "0",
          "1e999",
          "-0.0",
          "99999999999999999999",
          "1.5",
          "\"\"",
          "\"\\ud800\"",
          "\"\\u0000\"",
          "[]",
          "{}",
          "[[]]",
          "[null]",
          "{\"a\": {\"b\": []}}",
          "\"<s>\"",
          "\"{{ x }}\"",
          "[1, \"a\", {}]",
          "\"auto\"",
          "2147483648",
          "\"rerope:window=0\"",
          "\"../../etc/passwd\"");

  @Test
  void whatIsMalformedIsRefusedOrAnswered(@TempDir Path folder)
      throws IOException, InterruptedException, ExecutionException {
    try (TinyServer tiny = TinyServer.start(folder);
        ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
      List<Callable<Integer>> requests = new ArrayList<>();
      for (int n = 0; n < REQUESTS; n++) {
        SplittableRandom random = new SplittableRandom(n);
        requests.add(() -> status(tiny, random));
      }
      List<Integer> statuses = new ArrayList<>();
      for (Future<Integer> status : threads.invokeAll(requests)) {
        statuses.add(status.get());
      }
      assertThat(statuses).as("some were still right").contains(200);
      assertThat(statuses)
          .as("many were not")
          .filteredOn(status -> status == 400)
          .hasSizeGreaterThan(REQUESTS / 4);
      assertThat(tiny.server.stop(Duration.ofSeconds(10))).as("texts that are left").isZero();
    }
  }

  private static int status(TinyServer tiny, SplittableRandom random)
      throws IOException, InterruptedException {
    Valid valid = VALID.get(random.nextInt(VALID.size()));
    byte[] body = changed(valid.body(), random);
    TinyServer.Reply reply =
        tiny.send(tiny.request(valid.path()).POST(BodyPublishers.ofByteArray(body)));
    String said = new String(body, StandardCharsets.UTF_8) + " → " + reply.body();
    assertThat(reply.status()).as(said).isIn(200, 400, 404, 429);
    assertThat(reply.body())
        .doesNotContain("dev.lengthwise.", "java.", "\tat ", "Feature", "Constraints");
    if (reply.status() != 200) {
      JsonNode error = reply.json().path("error");
      assertThat(error.path("message").asText()).as(said).isNotEmpty();
      assertThat(error.path("type").asText()).as(said).isNotEmpty();
    }
    return reply.status();
  }

  private static byte[] changed(String body, SplittableRandom random) {
    if (random.nextInt(4) == 0) {
      return changedBytes(body.getBytes(StandardCharsets.UTF_8), random);
    }
    JsonNode json = TinyServer.json(body);
    for (int change = random.nextInt(1, 3); change > 0; change--) {
      change(json, random);
    }
    String text = json.toString();
    // A number that no double holds cannot be written otherwise.
    return (random.nextInt(8) == 0 ? text.replaceFirst("[0-9]+", "1e999") : text)
        .getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] changedBytes(byte[] bytes, SplittableRandom random) {
    int at = random.nextInt(bytes.length);
    return switch (random.nextInt(3)) {
      case 0 -> Arrays.copyOf(bytes, at);
      case 1 -> {
        bytes[at] = (byte) random.nextInt(256);
        yield bytes;
      }
      default -> {
        byte[] more = Arrays.copyOf(bytes, bytes.length + 2);
        System.arraycopy(bytes, at, more, at + 2, bytes.length - at);
        yield more;
      }
    };
  }

  // Somewhere in the tree a value becomes a strange one, goes, or gets a neighbour.
  private static void change(JsonNode node, SplittableRandom random) {
    List<JsonNode> inner = new ArrayList<>();
    node.forEach(child -> inner.add(child));
    if (!inner.isEmpty() && random.nextInt(3) == 0) {
      change(inner.get(random.nextInt(inner.size())), random);
      return;
    }
    JsonNode strange = strange(random);
    switch (node) {
      case ObjectNode object -> {
        List<String> names = object.propertyStream().map(entry -> entry.getKey()).toList();
        String name =
            names.isEmpty() || random.nextInt(6) == 0
                ? "field" + random.nextInt(9)
                : names.get(random.nextInt(names.size()));
        if (random.nextInt(5) == 0) {
          object.remove(name);
        } else {
          object.set(name, strange);
        }
      }
      case ArrayNode array -> array.add(strange);
      default -> {}
    }
  }

  private static JsonNode strange(SplittableRandom random) {
    String text = STRANGE.get(random.nextInt(STRANGE.size()));
    return text.equals("1e999")
        ? JsonNodeFactory.instance.numberNode(Double.POSITIVE_INFINITY)
        : TinyServer.json(text);
  }
}

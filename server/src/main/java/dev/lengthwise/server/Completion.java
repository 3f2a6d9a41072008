package dev.lengthwise.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.batch.TextEvent;
import dev.lengthwise.generate.TokenLogprob;
import dev.lengthwise.tokenizer.IntList;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// `/completions`: texts that go on.
///
/// @param model what is served
/// @param echo whether the prompt is part of the answer
/// @param top likely tokens beside each token; empty where no token is scored
record Completion(ServedModel model, boolean echo, OptionalInt top) implements AnswerFormat {

  /// Tokens of an answer where nothing is said, as OpenAI has it.
  static final int TOKENS = 16;

  private static final int MOST_TOP = 100;
  private static final int MOST_PROMPTS = 4096;

  /// Reads what is particular to completions.
  static Completion read(Fields fields, ServedModel model) {
    fields.refuse(
        "suffix", "the model writes on at the end of a text and fills in no middle", "\"\"");
    return new Completion(model, fields.flag("echo", false), fields.whole("logprobs", 0, MOST_TOP));
  }

  @Override
  public Scoring scoring() {
    return new Scoring(top, echo && top.isPresent());
  }

  /// The prompts: a text, ids, a list of either, or ids and texts mixed in one.
  static List<int[]> prompts(Fields fields, ServedModel model) {
    JsonNode prompt =
        fields
            .value("prompt")
            .orElseThrow(() -> ApiException.invalid("prompt", "'prompt' is missing"));
    List<int[]> prompts = new ArrayList<>();
    if (prompt.isTextual() || isMixed(prompt)) {
      prompts.add(ids(prompt, model));
    } else if (prompt.isArray() && !prompt.isEmpty() && prompt.size() <= MOST_PROMPTS) {
      prompt.forEach(one -> prompts.add(ids(one, model)));
    } else {
      throw Fields.wrong(
          "prompt",
          "a text, token ids, or a list of up to %d of either".formatted(MOST_PROMPTS),
          prompt);
    }
    return prompts;
  }

  // A list with a number in it is one prompt.
  private static boolean isMixed(JsonNode prompt) {
    boolean mixed = false;
    if (prompt.isArray()) {
      for (JsonNode part : prompt) {
        mixed |= part.isNumber();
      }
    }
    return mixed;
  }

  private static int[] ids(JsonNode prompt, ServedModel model) {
    if (prompt.isTextual()) {
      return model.tokenizer().encodePrompt(prompt.textValue());
    }
    if (!isMixed(prompt)) {
      throw Fields.wrong("prompt", "a text, token ids, or a list of either", prompt);
    }
    IntList ids = new IntList();
    for (JsonNode part : prompt) {
      if (part.isTextual()) {
        ids.addAll(
            ids.size() == 0
                ? model.tokenizer().encodePrompt(part.textValue())
                : model.tokenizer().encode(part.textValue()));
      } else {
        ids.addAll(Fields.ids("prompt", Json.array().add(part), model.rows()));
      }
    }
    return ids.toArray();
  }

  @Override
  public String prefix() {
    return "cmpl-";
  }

  @Override
  public String object(boolean piece) {
    return "text_completion";
  }

  private String echoed(Choice choice) {
    return echo ? model.text(choice.prompt().ids()) : "";
  }

  @Override
  public ObjectNode whole(Choice choice) {
    ObjectNode node = node(choice, echoed(choice) + choice.text(), choice.finishReason());
    if (top.isPresent()) {
      List<TokenLogprob> all = new ArrayList<>(echo ? choice.promptScores() : List.of());
      all.addAll(choice.scores());
      node.set("logprobs", new Scores(model).lists(first(choice), all, 0));
    }
    return node;
  }

  // Nothing precedes the first token, so it has no score.
  private int[] first(Choice choice) {
    return echo ? new int[] {choice.prompt().ids()[0]} : new int[0];
  }

  @Override
  public List<ObjectNode> opening(Choice choice) {
    if (!echo) {
      return List.of();
    }
    String prompt = echoed(choice);
    choice.echo(prompt.length());
    ObjectNode node = node(choice, prompt, null);
    if (top.isPresent()) {
      node.set("logprobs", new Scores(model).lists(first(choice), choice.promptScores(), 0));
    }
    return List.of(node);
  }

  @Override
  public List<ObjectNode> piece(Choice choice, TextEvent.Token token) {
    if (token.text().isEmpty() && top.isEmpty()) {
      return List.of();
    }
    ObjectNode node = node(choice, token.text(), null);
    int offset = choice.length() - token.text().length(); // the text has the token by now
    token.score().ifPresent(score -> node.set("logprobs", scored(score, offset)));
    return List.of(node);
  }

  private ObjectNode scored(TokenLogprob score, int offset) {
    return new Scores(model).lists(new int[0], List.of(score), offset);
  }

  @Override
  public List<ObjectNode> closing(Choice choice, TextEvent.Ended ended) {
    ObjectNode node = node(choice, ended.rest(), choice.finishReason());
    ended.end().ifPresent(score -> node.set("logprobs", scored(score, choice.length())));
    return List.of(node);
  }

  private static ObjectNode node(Choice choice, String text, @Nullable String finishReason) {
    return Json.object()
        .put("text", text)
        .put("index", choice.index())
        .putNull("logprobs")
        .put("finish_reason", finishReason);
  }
}

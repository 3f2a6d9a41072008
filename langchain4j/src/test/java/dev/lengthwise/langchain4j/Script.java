package dev.lengthwise.langchain4j;

import dev.lengthwise.ChatReply;
import dev.lengthwise.chat.Conversation;
import dev.lengthwise.generate.GenerationOptions;
import dev.lengthwise.generate.GenerationResult;
import dev.lengthwise.generate.GenerationResult.Reason;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/// A model that knows the answers which the kit of LangChain4j asks for. Its tokens are words.
final class Script implements Answers {

  // The first whose question is part of the conversation.
  private static final Map<String, String> ANSWERS =
      Map.of(
          "2 + 2", "The capital of Germany is Berlin , and 2 + 2 is 4 .",
          "single 'city' field", "{\"city\": \"Berlin\"}",
          "love you", "Ich liebe dich",
          "favorite color", "Your favorite color is green",
          "Hello World", "Hello World",
          "long story", "Once there was an animal . ".repeat(50),
          "capital of Germany?", "The capital is Berlin");

  @Override
  public String modelName() {
    return "script";
  }

  @Override
  public ChatReply answer(
      Conversation conversation,
      Optional<String> method,
      GenerationOptions options,
      Consumer<String> sink,
      BooleanSupplier cancelled) {
    String asked = String.valueOf(conversation.variables().get("messages"));
    String answer = answerTo(asked, conversation.hasTools(), options.grammar().isPresent());
    Reason reason = Reason.END_OF_TEXT;
    for (String stop : options.stops()) {
      if (answer.contains(stop)) {
        answer = answer.substring(0, answer.indexOf(stop));
        reason = Reason.STOP;
      }
    }
    List<String> words = Pattern.compile("(?<= )").splitAsStream(answer).toList();
    if (words.size() > options.predict()) {
      words = words.subList(0, options.predict());
      reason = Reason.LENGTH;
    }
    StringBuilder said = new StringBuilder();
    for (String word : words) {
      if (cancelled.getAsBoolean()) {
        reason = Reason.CANCELLED;
        break;
      }
      said.append(word);
      sink.accept(word);
    }
    GenerationResult result =
        new GenerationResult(
            9, new int[words.size()], said.toString(), reason, 0.1, 0.1, List.of());
    return new ChatReply(result, 9, 0, 0);
  }

  // The first whose question is part of the conversation; the answers of models that call tools.
  private static final Map<String, String> CALLS =
      Map.of(
          "in parallel",
              "<tool_call>{\"name\":\"getWeather\",\"arguments\":{\"city\":\"Munich\"}}</tool_call>"
                  + "<tool_call>{\"name\":\"getTime\",\"arguments\":{\"country\":\"France\"}}"
                  + "</tool_call>",
          "time now", "{\"name\":\"get_current_time\",\"arguments\":{}}",
          "in Munich", "{\"name\":\"getWeather\",\"arguments\":{\"city\":\"Munich\"}}");

  private static String answerTo(String asked, boolean tools, boolean bound) {
    if (asked.contains("\"role\":\"tool\"")) {
      return "It is sunny, and the time is 10:14 or 14:35";
    }
    if (tools) {
      return first(CALLS, asked);
    }
    return bound ? "{\"city\": \"Berlin\"}" : first(ANSWERS, asked);
  }

  private static String first(Map<String, String> answers, String asked) {
    return answers.entrySet().stream()
        .filter(entry -> asked.contains(entry.getKey()))
        .sorted((one, other) -> other.getValue().length() - one.getValue().length())
        .map(Map.Entry::getValue)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("the script does not know " + asked));
  }

  @Override
  public void close() {}
}

package dev.lengthwise.chat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.lengthwise.io.JsonObjects;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// An answer in which a model may call tools, as it comes: what is certainly text, and at the end
/// the calls.
///
/// Three ways of writing them are known, each as JSON with `name` and `arguments` (or
/// `parameters`): between `<tool_call>` and `</tool_call>` (Hermes, Qwen); as the whole answer
/// (Llama 3), several with `;` between them; and as the whole answer in a list (Mistral, whose
/// `[TOOL_CALLS]` is a control token and not in the text). What names no tool of the request stays
/// text, and so does what stands before, between and after calls of the first form.
public final class ToolCallText {

  private static final String BEGIN = "<tool_call>";
  private static final String END = "</tool_call>";

  private final Set<String> names;
  private final StringBuilder all = new StringBuilder();
  private int certain;

  /// The begin of an answer.
  ///
  /// @param names of the tools that there are; without any, everything is text
  public ToolCallText(Set<String> names) {
    this.names = names;
  }

  /// What an answer is in the end.
  ///
  /// @param text what was not yet given out, without calls
  /// @param calls in their order
  public record Rest(String text, List<ToolCall> calls) {}

  /// Takes the next piece; returns what is certainly text.
  public String accept(String piece) {
    all.append(piece);
    int until = Math.max(certain, certainUntil());
    String text = all.substring(certain, until);
    certain = until;
    return text;
  }

  private int certainUntil() {
    if (names.isEmpty()) {
      return all.length();
    }
    if (certain == 0 && mayBeWholeCall()) {
      return 0;
    }
    int begin = all.indexOf(BEGIN, certain);
    if (begin >= 0) {
      return begin;
    }
    int held = Math.min(all.length(), BEGIN.length() - 1);
    while (!BEGIN.startsWith(all.substring(all.length() - held))) {
      held--;
    }
    return all.length() - held;
  }

  private boolean mayBeWholeCall() {
    String start = all.toString().stripLeading();
    return start.isEmpty() || start.startsWith("{") || start.startsWith("[");
  }

  /// Ends the answer.
  public Rest end() {
    String rest = all.substring(certain);
    if (rest.contains(BEGIN)) {
      return marked(rest);
    }
    List<ToolCall> calls = whole(rest.strip());
    return calls.isEmpty() ? new Rest(rest, List.of()) : new Rest("", calls);
  }

  // All text where one of them is none. What stands around calls is text, as llama.cpp has it, but
  // for the space between them.
  private Rest marked(String rest) {
    List<ToolCall> calls = new ArrayList<>();
    List<String> around = new ArrayList<>();
    int done = 0;
    for (int at = rest.indexOf(BEGIN); at >= 0; at = rest.indexOf(BEGIN, done)) {
      int from = at + BEGIN.length();
      int end = rest.indexOf(END, from);
      int until = end < 0 ? rest.length() : end;
      Optional<ToolCall> call = call(json(rest.substring(from, until)));
      if (call.isEmpty()) {
        return new Rest(rest, List.of());
      }
      calls.add(call.get());
      around.add(rest.substring(done, at).strip());
      done = Math.min(rest.length(), until + END.length());
    }
    around.add(rest.substring(done).strip());
    around.removeIf(String::isEmpty);
    return new Rest(String.join("\n", around), calls);
  }

  private List<ToolCall> whole(String rest) {
    if (rest.startsWith("[")) {
      return calls(json(rest));
    }
    if (!rest.startsWith("{")) {
      return List.of();
    }
    List<ToolCall> one = calls(JsonNodeFactory.instance.arrayNode().add(json(rest)));
    return one.isEmpty() ? calls(json("[" + rest.replace("};", "},") + "]")) : one;
  }

  private List<ToolCall> calls(JsonNode list) {
    List<ToolCall> calls = new ArrayList<>();
    for (JsonNode item : list) {
      Optional<ToolCall> call = call(item);
      if (call.isEmpty()) {
        return List.of();
      }
      calls.add(call.get());
    }
    return calls;
  }

  private Optional<ToolCall> call(JsonNode node) {
    JsonNode arguments = node.has("arguments") ? node.get("arguments") : node.path("parameters");
    return Optional.of(node.path("name"))
        .filter(name -> name.isTextual() && names.contains(name.textValue()))
        .filter(_ -> arguments.isObject())
        .map(name -> new ToolCall(name.textValue(), arguments.toString()));
  }

  private static JsonNode json(String text) {
    try {
      return JsonObjects.STRICT.readTree(text);
    } catch (JsonProcessingException _) {
      return JsonNodeFactory.instance.missingNode();
    }
  }
}

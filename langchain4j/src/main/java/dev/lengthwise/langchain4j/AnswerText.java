package dev.lengthwise.langchain4j;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.lengthwise.chat.ToolCallText;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// An answer as it comes: its text goes to a sink, the calls of tools in it are kept for the end.
final class AnswerText {

  private final ToolCallText text;
  private final Consumer<String> sink;
  private final StringBuilder said = new StringBuilder();

  /// @param tools that may be called
  /// @param sink gets what is certainly text
  AnswerText(List<ToolSpecification> tools, Consumer<String> sink) {
    Set<String> names = tools.stream().map(ToolSpecification::name).collect(Collectors.toSet());
    this.text = new ToolCallText(names);
    this.sink = sink;
  }

  /// Takes the next piece.
  void accept(String piece) {
    say(text.accept(piece));
  }

  /// Ends the answer.
  ///
  /// @return the calls in their order, each with an id of its own
  List<ToolExecutionRequest> end() {
    ToolCallText.Rest rest = text.end();
    say(rest.text());
    return rest.calls().stream()
        .map(
            call ->
                ToolExecutionRequest.builder()
                    .id("call_" + UUID.randomUUID().toString().replace("-", ""))
                    .name(call.name())
                    .arguments(call.arguments())
                    .build())
        .toList();
  }

  /// What was said so far.
  String said() {
    return said.toString();
  }

  private void say(String more) {
    if (!more.isEmpty()) {
      said.append(more);
      sink.accept(more);
    }
  }
}

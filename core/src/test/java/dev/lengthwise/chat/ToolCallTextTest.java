package dev.lengthwise.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ToolCallTextTest {

  private static final List<ToolCall> TWO =
      List.of(new ToolCall("add", "{\"a\":1}"), new ToolCall("get", "{}"));

  // What is certain, letter by letter, and the rest.
  private static String text(ToolCallText calls, String answer) {
    StringBuilder text = new StringBuilder();
    answer.chars().forEach(letter -> text.append(calls.accept(Character.toString(letter))));
    return text.toString();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Let me see.\n<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1}}\n</tool_call>\n"
            + "<tool_call>{\"name\": \"get\", \"arguments\": {}}</tool_call>",
        "{\"name\": \"add\", \"parameters\": {\"a\": 1}}; {\"name\": \"get\", \"parameters\": {}}",
        " [{\"name\": \"add\", \"arguments\": {\"a\": 1}}, {\"name\": \"get\", \"arguments\": {}}]",
      })
  void callsOfQwenLlamaAndMistralAreFound(String answer) {
    ToolCallText calls = new ToolCallText(Set.of("add", "get"));
    assertThat(text(calls, answer)).isEqualTo(answer.startsWith("Let") ? "Let me see.\n" : "");
    assertThat(calls.end()).isEqualTo(new ToolCallText.Rest("", TWO));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"name\": \"other\", \"arguments\": {}}",
        "{\"a\": 1}",
        "[1, 2",
        "a <tool_call>nothing</tool_call>",
        "a <tool_",
        "plain text",
      })
  void everythingElseStaysText(String answer) {
    ToolCallText calls = new ToolCallText(Set.of("add"));
    String certain = text(calls, answer);
    ToolCallText.Rest rest = calls.end();
    assertThat(certain + rest.text()).isEqualTo(answer);
    assertThat(rest.calls()).isEmpty();
  }

  @Test
  void withoutToolsNothingIsHeldBack() {
    assertThat(new ToolCallText(Set.of()).accept("{\"name")).isEqualTo("{\"name");
  }
}

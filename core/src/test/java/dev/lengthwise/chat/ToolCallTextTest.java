package dev.lengthwise.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

  @ParameterizedTest
  @CsvSource({
    "'Now <t>{1}</t>\n and \n<t>{2}</t>\nis done.\n', 'Now ', 'and\nis done.'",
    "'[1] <t>{1}</t> <t>{2}', '', '[1]'",
    "'{ <t>{1}</t>, <t>{2}</t> }', '', '{\n,\n}'",
  })
  void textAroundCallsStaysText(String answer, String certain, String rest) {
    ToolCallText calls = new ToolCallText(Set.of("add", "get"));
    String whole =
        answer
            .replace("<t>", "<tool_call>")
            .replace("</t>", "</tool_call>")
            .replace("{1}", "{\"name\": \"add\", \"arguments\": {\"a\": 1}}")
            .replace("{2}", "{\"name\": \"get\", \"arguments\": {}}");

    assertThat(text(calls, whole)).isEqualTo(certain);
    assertThat(calls.end()).isEqualTo(new ToolCallText.Rest(rest, TWO));
  }

  @Test
  void anArgumentMayHaveTheMarkInIt() {
    ToolCallText calls = new ToolCallText(Set.of("add"));
    String arguments = "{\"a\":\"<tool_call>\"}";
    String answer = "<tool_call>{\"name\": \"add\", \"arguments\": " + arguments + "}</tool_call>";

    assertThat(text(calls, answer)).isEmpty();
    assertThat(calls.end().calls()).containsExactly(new ToolCall("add", arguments));
  }

  @Test
  void withoutToolsNothingIsHeldBack() {
    assertThat(new ToolCallText(Set.of()).accept("{\"name")).isEqualTo("{\"name");
  }
}

package dev.lengthwise.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Messages as chat templates see them.
class MessagesTest {

  private static JsonNode arguments(@Nullable String arguments) {
    ToolExecutionRequest request =
        ToolExecutionRequest.builder().id("1").name("f").arguments(arguments).build();
    return Messages.of(AiMessage.from(request)).at("/tool_calls/0/function/arguments");
  }

  @Test
  void argumentsAreTheObjectThatTheySay() {
    assertThat(arguments("{\"x\": [1]}").at("/x/0").asInt()).isEqualTo(1);
    assertThat(arguments(null)).isEmpty();
    assertThat(arguments(null).isObject()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[1]", "{\"x\": ", "not JSON"})
  void whatIsNoObjectStaysTheTextThatItIs(String text) {
    assertThat(arguments(text).isTextual()).isTrue();
    assertThat(arguments(text).textValue()).isEqualTo(text);
  }
}

package dev.lengthwise.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.chat.Conversation.Message;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatTemplatesTest {

  private static final Conversation HELLO =
      Conversation.of(List.of(new Message("user", "Hello"))).withDefaults();

  /// A configuration with everything that is read of it.
  private static final String CONFIG =
      """
      {"bos_token": "<s>", "eos_token": {"content": "</s>", "lstrip": false}, "pad_token": null,
       "additional_special_tokens": ["<a>", {"content": "<b>"}],
       "extra_special_tokens": {"image_token": "<img>"},
       "chat_template": [
         {"name": "default",
          "template": "{{ bos_token }}{{ messages[0].content }}{{ eos_token }}{{ pad_token }}"},
         {"name": "tool_use", "template": "{{ tools | length }}{{ additional_special_tokens }}"},
         {"name": "rag", "template": "{{ image_token }}{{ documents | length }}"}]}
      """;

  @TempDir Path folder;

  private void write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private static String render(ChatTemplate template, Conversation conversation) {
    return template.render(conversation, Clock.systemUTC()).text();
  }

  private static Conversation data(String json) throws JsonProcessingException {
    return Conversation.of((ObjectNode) new ObjectMapper().readTree(json)).withDefaults();
  }

  @Test
  void aConfigurationMayHaveOneTemplate() throws IOException {
    write("tokenizer_config.json", "{\"chat_template\": \"{{ messages[0].role }}\"}");
    ChatTemplates templates = ChatTemplates.of(folder);
    assertThat(templates.sources()).containsOnlyKeys("default");
    assertThat(render(templates.choose(HELLO), HELLO)).isEqualTo("user");
  }

  @Test
  void ofSeveralTemplatesToolsChooseTheirOwn() throws IOException {
    write("tokenizer_config.json", CONFIG);
    ChatTemplates templates = ChatTemplates.of(folder);
    assertThat(render(templates.choose(HELLO), HELLO)).isEqualTo("<s>Hello</s>");
    Conversation tools = data("{\"messages\": [], \"tools\": [{}, {}]}");
    assertThat(render(templates.choose(tools), tools)).isEqualTo("2['<a>', '<b>']");
    Conversation documents = data("{\"documents\": [{}]}");
    assertThat(render(templates.named("rag"), documents)).isEqualTo("<img>1");
  }

  @Test
  void aFileOfItsOwnComesBeforeTheConfiguration() throws IOException {
    write("tokenizer_config.json", CONFIG);
    write("chat_template.jinja", "file {{ bos_token }}");
    write("additional_chat_templates/rag.jinja", "other");
    ChatTemplates templates = ChatTemplates.of(folder);
    assertThat(templates.sources()).containsOnlyKeys("default", "rag");
    assertThat(render(templates.choose(HELLO), HELLO)).isEqualTo("file <s>");
    assertThat(ChatTemplates.of(folder.resolve("tokenizer.json"))).isEqualTo(templates);
  }

  @Test
  void theFileOfProcessorsComesLast() throws IOException {
    write("chat_template.json", "{\"chat_template\": \"legacy {{ eos_token }}\"}");
    write("special_tokens_map.json", "{\"eos_token\": \"<end>\"}");
    assertThat(render(ChatTemplates.of(folder).choose(HELLO), HELLO)).isEqualTo("legacy <end>");
  }

  @Test
  void theDataComeBeforeSpecialTokens() throws IOException {
    write("tokenizer_config.json", CONFIG);
    Conversation own = data("{\"messages\": [{\"content\": 1}], \"bos_token\": \"B\"}");
    assertThat(render(ChatTemplates.of(folder).choose(own), own)).isEqualTo("B1</s>");
  }

  @Test
  void aModelWithoutTemplatesSaysSo() throws IOException {
    write("tokenizer_config.json", "{}");
    ChatTemplates templates = ChatTemplates.of(folder);
    assertThat(templates.isEmpty()).isTrue();
    assertThatThrownBy(() -> templates.choose(HELLO))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("has no chat template; give one");
    assertThatThrownBy(() -> templates.choose(TemplateChoice.of("chatml"), HELLO))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("has no chat template 'chatml', and no other");
    write("tokenizer_config.json", CONFIG);
    assertThatThrownBy(() -> ChatTemplates.of(folder).named("x"))
        .hasMessageContaining("'x', only [default, rag, tool_use]");
    write("tokenizer_config.json", "{\"chat_template\": [{\"name\": 1}]}");
    assertThatThrownBy(() -> ChatTemplates.of(folder)).hasMessageContaining("tokenizer_config");
  }

  @Test
  void damagedConfigurationsGiveATextOrASentence() throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    int texts = 0;
    for (int i = 0; i < Integer.getInteger("fuzz", 500); i++) {
      byte[] bytes = CONFIG.getBytes(StandardCharsets.UTF_8);
      for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      Files.write(folder.resolve("tokenizer_config.json"), bytes);
      texts +=
          Assertions.assertTimeoutPreemptively(Duration.ofSeconds(30), this::printsDefault) ? 1 : 0;
    }
    assertThat(texts).as("some still print").isPositive();
  }

  private boolean printsDefault() {
    try {
      render(ChatTemplates.of(folder).choose(HELLO), HELLO);
      return true;
    } catch (LengthwiseException e) {
      assertThat(e.getMessage()).doesNotContain("java.");
      return false;
    }
  }
}

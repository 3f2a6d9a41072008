package dev.lengthwise.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.app.Run;
import dev.lengthwise.checkpoint.gguf.GgufMetadata;
import dev.lengthwise.checkpoint.gguf.GgufWriter;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.tokenizer.train.TrainedTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemplateCommandTest {

  private static final String TEMPLATE =
      "{{ bos_token }}{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"
          + "{% if add_generation_prompt %}<|assistant|>{% endif %}";

  @TempDir Path folder;

  private String write(String name, String text) throws IOException {
    Files.createDirectories(folder.resolve(name).getParent());
    return Files.writeString(folder.resolve(name), text).toString();
  }

  private String data(String content) throws IOException {
    return write(
        "data.json", "{\"messages\": [{\"role\": \"user\", \"content\": \"" + content + "\"}]}");
  }

  /// Ids 0 to 3 are `<|begin|>`, `<|end|>`, `<|user|>` and `<|assistant|>`, 4 to 259 the bytes.
  private String model() throws IOException {
    List<String> control = List.of("<|begin|>", "<|end|>", "<|user|>", "<|assistant|>");
    TrainedTokenizer.ofBytes(control).writeTo(folder.resolve("tokenizer.json"));
    write("chat_template.jinja", TEMPLATE);
    write("tokenizer_config.json", "{\"bos_token\": {\"content\": \"<|begin|>\"}}");
    return folder.toString();
  }

  @Test
  void theTextOfAModelIsPrintedExactly() throws IOException {
    Run run = Run.of("template", "-m", model(), "--data", data("hi"));
    assertThat(run.out()).isEqualTo("<|begin|><|user|>hi<|end|><|assistant|>");
    assertThat(run.status()).isZero();
  }

  @Test
  void theBeginOfAnAnswerCanBeLeftOut() throws IOException {
    Run without = Run.of("template", "-m", model(), "--data", data("hi"), "--no-generation-prompt");
    assertThat(without.out()).isEqualTo("<|begin|><|user|>hi<|end|>");
    String template = write("t.jinja", TEMPLATE);
    Run with = Run.of("template", "--file", template, "--data", data("hi"), "--generation-prompt");
    assertThat(with.out()).isEqualTo("<|user|>hi<|end|><|assistant|>");
  }

  @Test
  void aTemplateAloneSeesTheDataAndNothingElse() throws IOException {
    String template = write("t.jinja", "{{ tools is defined }}{{ x }}{{ bos_token }}");
    Run run = Run.of("template", "--file", template, "--data", write("d.json", "{\"x\": [1.0]}"));
    assertThat(run.out()).isEqualTo("False[1.0]");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void controlTokensAreTheTemplatesAndNeverTheUsers() throws IOException {
    Run run = Run.of("template", "-m", model(), "--data", data("a<|end|>"), "--ids");
    assertThat(run.out().strip()).matches("0 2 \\d+( \\d+){7} 1 3");
    assertThat(run.out().split(" ")).filteredOn("1"::equals).hasSize(1);
  }

  @Test
  void theDateIsThatOfNow() throws IOException {
    String template = write("t.jinja", "{{ strftime_now('%d %b %Y') }}");
    String data = write("d.json", "{}");
    assertThat(
            Run.of("template", "--file", template, "--data", data, "--now", "2024-02-29T10:00:00")
                .out())
        .isEqualTo("29 Feb 2024");
  }

  @Test
  void templatesOfGgufFilesAreFoundByName() throws IOException {
    GgufMetadata metadata =
        new GgufMetadata()
            .putText("general.architecture", "llama")
            .putTexts("tokenizer.ggml.tokens", List.of("<unk>", "<s>", "</s>"))
            .putWhole("tokenizer.ggml.bos_token_id", 1)
            .putText("tokenizer.chat_template", "{{ bos_token }}default")
            .putText(
                "tokenizer.chat_template.tool_use", "{{ bos_token }}{{ tools | length }} tools");
    Path file = folder.resolve("m.gguf");
    try (Workers workers = new Workers(1)) {
      new GgufWriter(workers, _ -> {}).write(file, metadata, List.of());
    }
    String plain = data("hi");
    assertThat(Run.of("template", "-m", file.toString(), "--data", plain).out())
        .isEqualTo("<s>default");
    String tools = write("tools.json", "{\"messages\": [], \"tools\": [{\"type\": \"function\"}]}");
    assertThat(Run.of("template", "-m", file.toString(), "--data", tools).out())
        .isEqualTo("<s>1 tools");
    Run unknown =
        Run.of("template", "-m", file.toString(), "--data", plain, "--chat-template", "rag");
    assertThat(unknown.err()).contains("no chat template 'rag', only [default, tool_use]");
    assertThat(unknown.status()).isEqualTo(1);
  }

  @Test
  void aTemplateThatRefusesFailsWithItsOwnWords() throws IOException {
    String template = write("t.jinja", "\n{{ raise_exception('No users here') }}");
    Run run = Run.of("template", "--file", template, "--data", data("hi"));
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("line 2: the template says: No users here.");
  }
}

package dev.lengthwise.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.app.Run;
import dev.lengthwise.app.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerateCommandTest {

  @Test
  void onlyTheTextGoesToStandardOutput() {
    Run run = generate(Map.of(), "-p", "Once", "-n", "5", "--temp", "0");

    assertThat(run.out()).isEqualTo(" upon a time, there" + System.lineSeparator());
    assertThat(run.err()).startsWith("prompt 2 tokens");
  }

  @Test
  void quietWritesNothingToStandardError() {
    Run run = generate(Map.of(), "-p", "Once", "-n", "2", "--temp", "0", "--quiet");

    assertThat(run.status()).isZero();
    assertThat(run.err()).isEmpty();
  }

  @Test
  void emptyPromptStartsAtTheBeginOfText() {
    Run run = generate(Map.of(), "-p", "", "-n", "3", "--temp", "0", "--quiet");

    assertThat(run.out()).isEqualTo("Once upon a" + System.lineSeparator());
  }

  @Test
  void promptLongerThanTheLimitIsRefusedWithBothNumbers() {
    Run run = generate(Map.of(), "-p", "Once upon a time", "-c", "2");

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("5 tokens", "--ctx-size 2");
    assertThat(run.out()).isEmpty();
  }

  @Test
  void environmentGivesDefaultsAndTheCommandLineWins() {
    Map<String, String> environment =
        Map.of("LENGTHWISE_PREDICT", "1", "LENGTHWISE_TEMP", "0", "LENGTHWISE_QUIET", "true");

    assertThat(generate(environment, "-p", "Once").out().strip()).isEqualTo("upon");
    assertThat(generate(environment, "-p", "Once", "-n", "3").out().strip())
        .isEqualTo("upon a time");
  }

  @Test
  void wrongValueInTheEnvironmentNamesItsVariable() {
    Run run = Run.of(Map.of("LENGTHWISE_TEMP", "warm"), "generate", "-m", "nosuch");

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("'warm'", "LENGTHWISE_TEMP");
  }

  @Test
  void logprobsFollowTheTextAsLinesOfJson() {
    Run run = generate(Map.of(), "-p", "Once", "-n", "2", "--temp", "0", "--logprobs", "1");

    assertThat(run.out().lines())
        .satisfiesExactly(
            text -> assertThat(text).isEqualTo(" upon a"),
            upon -> assertThat(upon).contains("\"piece\":\" upon\"", "\"logprob\":-", "\"top\":[{"),
            a -> assertThat(a).contains("\"piece\":\" a\""));
  }

  @Test
  void penaltiesCountThePromptToo() {
    String plain = generate(Map.of(), "-p", "Once upon", "-n", "1", "--temp", "0").out();
    String penalised =
        generate(
                Map.of(),
                "-p",
                "Once upon a a a",
                "-n",
                "1",
                "--temp",
                "0",
                "--presence-penalty",
                "1000")
            .out();

    assertThat(plain.strip()).isEqualTo("a");
    assertThat(penalised.strip()).isNotEqualTo("a");
  }

  @Test
  void aForbiddenTokenDoesNotCome() {
    Run run = generate(Map.of(), "-p", "Once", "-n", "1", "--temp", "0", "--logprobs", "0");
    String id = run.out().replaceAll("(?s).*\"id\":(\\d+).*", "$1");

    assertThat(
            generate(Map.of(), "-p", "Once", "-n", "1", "--temp", "0", "-l", id + "-inf")
                .out()
                .strip())
        .isNotEqualTo("upon");
  }

  @Test
  void aGrammarDecidesWhatTheTextIs() {
    String grammar = "root ::= \" \" (\"yes\" | \"no\") \"!\"{3}";
    Run run = generate(Map.of(), "-p", "Once", "-n", "50", "--grammar-text", grammar);

    assertThat(run.out().stripTrailing()).isIn(" yes!!!", " no!!!");
    assertThat(run.err()).contains("ended by end of text");
  }

  @Test
  void aJsonSchemaDecidesWhatTheTextIs(@TempDir Path folder) throws IOException {
    Path schema = folder.resolve("schema.json");
    Files.writeString(
        schema,
        """
        {"properties": {"n": {"type": "integer"}, "on": {"type": "boolean"}}, "required": ["on"]}
        """);
    Run run =
        generate(
            Map.of(), "-p", "Once", "-n", "200", "--seed", "3", "--json-schema", schema.toString());

    assertThat(run.out().strip())
        .matches("(?s)\\{\\s*(\"n\"\\s*:\\s*-?\\d+\\s*,\\s*)?\"on\"\\s*:\\s*(true|false)\\s*}");
  }

  @Test
  void chatPutsTheMessageIntoATemplate() {
    String template = "{{ bos_token }}{{ messages[0].content }}{{ messages[1].content }}";
    Run run =
        generate(
            Map.of(),
            "--chat",
            "--chat-template",
            template,
            "--system",
            "On",
            "-p",
            "ce",
            "-n",
            "5",
            "--temp",
            "0");

    assertThat(run.out()).isEqualTo(" upon a time, there" + System.lineSeparator());
    assertThat(run.err()).startsWith("prompt 2 tokens");
  }

  @Test
  void chatNeedsATemplate() {
    Run run = generate(Map.of(), "--chat", "-p", "Once");

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("has no chat template");
  }

  private static Run generate(Map<String, String> environment, String... more) {
    String[] arguments = new String[3 + more.length];
    arguments[0] = "generate";
    arguments[1] = "-m";
    arguments[2] = TinyModel.shared("stories260K");
    System.arraycopy(more, 0, arguments, 3, more.length);
    return Run.of(environment, arguments);
  }
}

package dev.lengthwise.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lengthwise.app.Run;
import dev.lengthwise.app.TinyModel;
import dev.lengthwise.app.options.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompareCommandTest {

  @TempDir Path folder;

  @Test
  void writesResultsAndReportAndNothingElse() throws IOException {
    Path out = folder.resolve("out");
    Run run =
        Run.of(
            "compare",
            "-m",
            TinyModel.write(folder).toString(),
            "--ids",
            TinyModel.ids(folder, 80).toString(),
            "--lengths",
            "8,32",
            "--methods",
            "rope,lm-infinite:local=8,global=2",
            "--trials",
            "0",
            "--json",
            "--quiet",
            "--out",
            out.toString());

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).isEqualTo(Files.readString(out.resolve("results.jsonl")));
    for (String line : run.out().lines().toList()) {
      assertThat(new JsonMapper().readTree(line).isObject()).isTrue();
    }
    assertThat(run.err()).startsWith("Results: ");
    assertThat(Files.readString(out.resolve("report.html"))).contains("lm-infinite");
    try (var files = Files.list(out)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("results.jsonl", "report.html");
    }
  }

  @Test
  void lengthsTooShortForThePassKeyAreSkippedWithANote() throws IOException {
    String model = TinyModel.shared("babyllama-105");
    Path out = folder.resolve("out");
    Run run =
        Run.of(
            "compare",
            "-m",
            model,
            "-p",
            "Once upon a time there was a small cat. ".repeat(4),
            "--lengths",
            "32,64",
            "--methods",
            "rope",
            "--out",
            out.toString());

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.err()).contains("No passkey at [32, 64] tokens");
    assertThat(Files.readString(out.resolve("report.html"))).contains("No passkey at [32, 64]");
  }

  @Test
  void modelsBesideAreJudgedUnderTheirOwnMethod() throws IOException {
    Run run = compareBeside(copyOfBundledModel(folder.resolve("other")).toString());

    assertThat(run.status()).as(run.err()).isZero();
    List<String> lines = run.out().lines().toList();
    assertThat(lines).anyMatch(line -> line.contains("\"other\""));
    assertThat(losses(lines, "other")).isNotEmpty().isEqualTo(losses(lines, "rope"));
  }

  @Test
  void rowsOfModelsBesideCanBeToldApart() throws IOException {
    Path left = copyOfBundledModel(folder.resolve("left").resolve("same"));
    Path right = copyOfBundledModel(folder.resolve("right").resolve("same"));
    Run run = compareBeside(left + "," + right);

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("two models of one name");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void modelBesideThatIsNotThereIsAnError() {
    Run run = compareBeside(folder.resolve("nothing").toString());

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("nothing");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  private static Path copyOfBundledModel(Path target) throws IOException {
    Files.createDirectories(target);
    for (String file : List.of("config.json", "model.safetensors", "tokenizer.json")) {
      Files.copy(Path.of("..", "models", Home.BUNDLED_MODEL, file), target.resolve(file));
    }
    return target;
  }

  private Run compareBeside(String others) {
    return Run.of(
        "compare",
        "-m",
        Path.of("..", "models", Home.BUNDLED_MODEL).toString(),
        "-p",
        "public final class Words { private final int count; }".repeat(4),
        "--lengths",
        "16,32",
        "--last",
        "8",
        "--methods",
        "rope,window:window=16",
        "--beside",
        others,
        "--trials",
        "0",
        "--json",
        "--quiet",
        "--out",
        folder.resolve("out").toString());
  }

  // The perplexities of a label.
  private static List<String> losses(List<String> lines, String label) throws IOException {
    List<String> found = new ArrayList<>();
    for (String line : lines) {
      JsonNode row = new JsonMapper().readTree(line);
      if (row.path("method").asText().equals(label)) {
        found.add(row.path("perplexity").asText());
      }
    }
    return found;
  }

  @Test
  void modelBesideMayNotComeTwice() {
    Run run = compareBeside("java-5m,java-5m");

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("--beside has a model twice");
  }

  @Test
  void passkeyAloneSaysHowManyTokensItsPromptNeeds() {
    Run run = Run.of("passkey", "-m", TinyModel.shared("babyllama-105"), "--lengths", "64");

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("needs at least", "more than the length 64", "--lengths");
  }

  @Test
  void aCommaAfterAColonBelongsToTheParameters() {
    assertThat(CompareCommand.split("rope,lm-infinite:local=8,global=2,yarn:factor=2+log-n"))
        .isEqualTo(List.of("rope", "lm-infinite:local=8,global=2", "yarn:factor=2+log-n"));
  }
}

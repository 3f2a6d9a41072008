package dev.lengthwise.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    assertThat(run.err()).contains("No pass key at [32, 64] tokens");
    assertThat(Files.readString(out.resolve("report.html"))).contains("No pass key at [32, 64]");
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

package dev.lengthwise.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lengthwise.app.Run;
import dev.lengthwise.app.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiagnoseCommandTest {

  @TempDir Path folder;
  private String model = "";
  private String ids = "";

  @BeforeEach
  void files() throws IOException {
    model = TinyModel.write(folder).toString();
    ids = TinyModel.ids(folder, 40).toString();
  }

  private Run run(String... more) {
    List<String> arguments = new ArrayList<>(List.of("diagnose", "-m", model, "--ids", ids));
    arguments.addAll(List.of(more));
    return Run.of(arguments.toArray(String[]::new));
  }

  @Test
  void tableHasABlockForEveryMethod() {
    Run run = run("--methods", "rope,lm-infinite:local=16,global=2", "--quiet");

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out().lines().toList().getFirst())
        .isEqualTo("Attention of tiny.bin on 40 tokens of ids-40.txt");
    assertThat(run.out().lines())
        .contains("rope", "lm-infinite:local=16,global=2")
        .filteredOn(line -> line.startsWith("  1 "))
        .as("a line in each of the tables shown by default")
        .hasSize(6);
  }

  /// A window of 8 sees nothing past it, and all that it sees of 40 tokens is recent.
  @Test
  void sharesAreThoseOfTheKeysThatTheMethodSees() throws IOException {
    Run run = run("--methods", "window:window=8", "--recent", "8", "--first", "0", "--json");

    assertThat(run.status()).as(run.err()).isZero();
    List<JsonNode> lines = new ArrayList<>();
    for (String line : run.out().strip().lines().toList()) {
      lines.add(new JsonMapper().readTree(line));
    }
    assertThat(lines.getFirst().at("/protocol/recent_keys").asInt()).isEqualTo(8);
    assertThat(lines.getFirst().at("/protocol/length").asInt()).isEqualTo(40);
    List<JsonNode> distances = of("distance", lines);
    assertThat(distances).last().extracting(at -> at.get("distance").asInt()).isEqualTo(7);
    assertThat(of("position", lines))
        .isNotEmpty()
        .allSatisfy(
            at -> {
              assertThat(at.get("recent").asDouble()).isBetween(1 - 1e-9, 1 + 1e-9);
              assertThat(at.get("past").asDouble()).isZero();
              assertThat(at.get("entropy").asDouble()).isBetween(0.0, Math.log(8));
            });
    assertThat(of("terms", lines)).as("the model has no biases").isEmpty();
  }

  @Test
  void onlyWhatIsAskedForIsShown() {
    Run run = run("--show", "decay", "--methods", "rope,ntk:factor=2", "--quiet");

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("Scores of equal content by distance", "1–3")
        .doesNotContain("entropy");
  }

  @Test
  void hiddenStatesHaveAPlaceForEveryToken() throws IOException {
    Run run = run("--show", "pca", "--json", "--quiet");

    assertThat(run.status()).as(run.err()).isZero();
    List<String> lines = run.out().strip().lines().toList();
    assertThat(lines).as("the protocol and the only layer").hasSize(2);
    JsonNode plane = new JsonMapper().readTree(lines.getLast());
    assertThat(plane.get("kind").asText()).isEqualTo("pca");
    assertThat(plane.get("x")).hasSize(40);
    assertThat(plane.get("y")).hasSize(40);
    assertThat(plane.get("explained")).hasSize(2);
  }

  private static List<JsonNode> of(String kind, List<JsonNode> lines) {
    return lines.stream().filter(line -> line.get("kind").asText().equals(kind)).toList();
  }

  @Test
  void reportIsWrittenBesideTheTable() throws IOException {
    Path page = folder.resolve("new/page.html");
    Run run = run("--report", page.toString(), "--tokens", "20");

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.err()).contains("Report: " + page);
    assertThat(Files.readString(page))
        .startsWith("<!DOCTYPE html>")
        .contains("Attention of tiny.bin on 20 tokens", "\"kind\":\"position\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--layers 2 | --layers has 2, but the model has the layers 1 to 1",
        "--layers 0 | --layers has 0, but the model has the layers 1 to 1",
        "--tokens 1 | --tokens must be 2 or more, found 1",
        "--tokens 41 | ids-40.txt has 40 tokens, fewer than --tokens 41; give a longer text",
        "--recent 17 | --recent must be from 0 to the trained length, 16, found 17",
        "--first -1 | --first must be 0 or more, found -1",
        "--methods rope,rope | --methods has rope twice; give it once",
        "--show scores | Invalid value for option '--show' (PART): expected one of",
        "--methods alibi | alibi:max=8,factor=1 makes no sense on a model trained with rope",
      })
  void whatCannotBeLookedAtIsSaidInOneSentence(String options, String message) {
    Run run = run(options.split(" "));

    assertThat(run.status()).isIn(1, 2);
    assertThat(run.err()).contains(message).doesNotContain("\tat ");
    assertThat(run.out()).isEmpty();
  }
}

package dev.lengthwise.app.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lengthwise.app.Run;
import dev.lengthwise.app.TinyModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PerplexityCommandTest {

  @TempDir Path folder;
  private String model = "";
  private String ids = "";

  @BeforeEach
  void files() throws IOException {
    model = TinyModel.write(folder).toString();
    ids = TinyModel.ids(folder, 40).toString();
  }

  @Test
  void lossesOfEveryTokenAreOneObjectWithTheIdsExactlyAsGiven() throws IOException {
    Run run = Run.of("perplexity", "-m", model, "--ids", ids, "--json", "--per-token", "--quiet");

    assertThat(run.status()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out().strip().lines()).hasSize(1);
    JsonNode result = new JsonMapper().readTree(run.out());
    assertThat(result.properties().stream().map(Map.Entry::getKey))
        .containsExactly("protocol", "nll");
    assertThat(result.get("nll")).hasSize(39).allMatch(JsonNode::isNumber);
    assertThat(result.at("/protocol/length").asInt()).isEqualTo(40);
    assertThat(result.at("/protocol/model_sha256").asText()).hasSize(64);
    assertThat(result.at("/protocol/method").asText()).isEqualTo("rope");
  }

  /// What is rounded otherwise gives other losses, and close ones: no option is lost on the way.
  @ParameterizedTest
  @ValueSource(strings = {"--cache-type bf16", "--cache-type q8_0", "--dtype bf16"})
  void optionsOfTheModelShowInTheLosses(String options) throws IOException {
    List<String> line = new ArrayList<>(List.of("--json"));
    line.addAll(List.of(options.split(" ")));
    double rounded = loss(line.toArray(String[]::new));

    assertThat(rounded).isNotEqualTo(loss("--json")).isCloseTo(loss("--json"), within(0.02));
  }

  @Test
  void anotherEngineGivesTheSameLosses() throws IOException {
    assertThat(loss("--json", "--engine", "reference")).isCloseTo(loss("--json"), within(1e-5));
    assertThat(loss("--json", "--engine", "torch")).isCloseTo(loss("--json"), within(1e-5));
  }

  @Test
  void windowAsLongAsTheTextScoresLikeTheWholeText() throws IOException {
    double whole = loss("--json");
    double sliding = loss("--json", "--ctx-size", "40", "--stride", "8");

    assertThat(sliding).isCloseTo(whole, within(1e-6));
  }

  @Test
  void strideAsLongAsTheWindowStillScoresEveryToken() throws IOException {
    Run run = Run.of("perplexity", "-m", model, "--ids", ids, "--json", "-c", "8", "--stride", "8");

    assertThat(run.status()).isZero();
    assertThat(new JsonMapper().readTree(run.out()).at("/protocol/tokens_scored").asInt())
        .isEqualTo(39);
  }

  @Test
  void everyLengthGetsALineAscendingAndOnce() {
    Run run = Run.of("perplexity", "-m", model, "--ids", ids, "--lengths", "16,8,16");

    assertThat(run.status()).isZero();
    assertThat(run.out().lines()).hasSize(2);
    assertThat(run.out().lines().findFirst().orElseThrow()).contains("length      8");
  }

  @Test
  void aFileGivenTwiceIsMeasuredTwice() throws IOException {
    String stories = TinyModel.shared("stories260K");
    Path text = java.nio.file.Files.writeString(folder.resolve("text.txt"), "Once upon a time");
    Run run =
        Run.of("perplexity", "-m", stories, "-f", text.toString(), "-f", text.toString(), "--json");

    assertThat(run.status()).isZero();
    assertThat(run.out().lines()).hasSize(2);
  }

  private double loss(String... more) throws IOException {
    String[] arguments = new String[5 + more.length];
    System.arraycopy(new String[] {"perplexity", "-m", model, "--ids", ids}, 0, arguments, 0, 5);
    System.arraycopy(more, 0, arguments, 5, more.length);
    return new JsonMapper().readTree(Run.of(arguments).out()).get("loss").asDouble();
  }
}

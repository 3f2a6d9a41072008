package dev.lengthwise.experiment.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.experiment.Exhibit;
import dev.lengthwise.experiment.Experiment;
import dev.lengthwise.experiment.ExperimentRun;
import dev.lengthwise.experiment.ResultFolder;
import dev.lengthwise.experiment.Row;
import dev.lengthwise.experiment.Scale;
import dev.lengthwise.experiment.Trial;
import dev.lengthwise.experiment.Workshop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What every experiment of the catalogue must hold, whoever wrote it.
class ExperimentsTest {

  private static final Path HOME = Path.of("..");

  // One folder for all, so that the data is prepared once.
  @TempDir static Path shared;

  static Stream<Experiment> experiments() {
    return Experiments.ALL.stream();
  }

  @Test
  void everyExperimentIsInTheList() throws IOException {
    Path sources = Path.of("src/main/java/dev/lengthwise/experiment/study");
    String list = Files.readString(sources.resolve("Experiments.java"));
    try (Stream<Path> files = Files.list(sources)) {
      for (Path file : files.toList()) {
        if (Files.readString(file).contains("implements Experiment {")) {
          String type = file.getFileName().toString().replace(".java", "");
          assertThat(list).contains("new " + type + "()");
        }
      }
    }
  }

  @Test
  void anUnknownNameIsAnErrorThatListsTheKnownOnes() {
    assertThatThrownBy(() -> Experiments.byName("lm-infinit"))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll("lm-infinit", "lm-infinite", "attention-scale");
    assertThat(Experiments.ALL).extracting(Experiment::name).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @MethodSource("experiments")
  void theFullExperimentIsWellDescribedAndItsTrialsAreToldApart(Experiment experiment) {
    assertThat(experiment.name()).matches("[a-z][a-z0-9-]*");
    assertThat(experiment.published()).hasSizeGreaterThan(100);
    assertThat(experiment.differences()).hasSizeGreaterThan(100);
    List<Trial> trials = experiment.trials(Scale.FULL);
    assertThat(trials).extracting(Trial::name).doesNotHaveDuplicates();
    assertThat(trials).allSatisfy(trial -> assertThat(trial.name()).matches("[a-z0-9-]+"));
    assertThat(trials).allMatch(trial -> trial.cost() > 0 && !trial.settings().isEmpty());
    assertThat(experiment.exhibits()).extracting(Exhibit::file).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @MethodSource("experiments")
  void aTinyRunWritesItsFolderAndTheNextOneKeepsEveryTrial(Experiment experiment) throws Exception {
    List<String> log = new ArrayList<>();
    Path kept = shared.resolve(experiment.name());
    ResultFolder results = new ResultFolder(kept.resolve("results"));
    try (Workshop workshop = new Workshop(HOME, kept, 1, Map.of("version", "test"), log::add)) {
      ExperimentRun.Outcome first = run(experiment, workshop);
      results.write(experiment, "a command", first);
      assertThat(first.rows()).isNotEmpty();
      assertThat(first.rows()).allSatisfy(row -> assertThat(row.value()).isFinite());
      assertThat(first.rows()).allSatisfy(row -> assertThat(row.protocol()).isNotEmpty());
      log.clear();
      assertThat(run(experiment, workshop).rows()).isEqualTo(first.rows());
      assertThat(log)
          .filteredOn(line -> line.startsWith("["))
          .hasSize(first.trials().size())
          .allMatch(line -> line.endsWith("kept from an earlier run"));
      assertThat(protocols(results.path()))
          .isEqualTo(first.rows().stream().map(Row::protocol).toList());
    }
    assertThat(Files.readString(results.path().resolve("README.md")))
        .contains(experiment.title(), "a command", "## What the papers found", "## What we found")
        .contains("| ", ".svg)");
    assertThat(Files.readString(results.path().resolve("config.json"))).contains("\"trials\"");
  }

  // That of each row, in their order.
  private static List<Map<String, Object>> protocols(Path results) throws IOException {
    JsonMapper mapper = new JsonMapper();
    List<Map<String, Object>> all =
        mapper.readValue(
            results.resolve("protocols.json").toFile(),
            new TypeReference<List<Map<String, Object>>>() {});
    assertThat(all).doesNotHaveDuplicates();
    List<Map<String, Object>> found = new ArrayList<>();
    for (String line : Files.readAllLines(results.resolve("metrics.jsonl"))) {
      found.add(all.get(mapper.readTree(line).path("protocol").asInt(-1)));
    }
    return found;
  }

  private static ExperimentRun.Outcome run(Experiment experiment, Workshop workshop) {
    return new ExperimentRun(experiment, workshop, InstantSource.system()).run(Scale.TINY);
  }
}

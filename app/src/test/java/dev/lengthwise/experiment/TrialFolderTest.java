package dev.lengthwise.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.experiment.study.Experiments;
import dev.lengthwise.io.JsonFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrialFolderTest {

  @TempDir Path folder;

  /// A trial that leaves a file, and may then break off.
  private record Leaving(Path left, int setting, boolean breaksOff) implements Trial {

    @Override
    public String name() {
      return "leaving";
    }

    @Override
    public Map<String, Object> settings() {
      return Map.of("setting", setting);
    }

    @Override
    public long cost() {
      return 1;
    }

    @Override
    public void run(Workshop workshop, Consumer<Row> rows) {
      String old = JsonFiles.holds(left, "begun") ? "went on" : "began";
      JsonFile.write(left, "begun");
      if (breaksOff) {
        throw new LengthwiseException("cut off");
      }
      rows.accept(new Row(old, 1, "m", "loss", 2, null, null, Double.NaN, 1, Map.of("a", 1)));
    }
  }

  private TrialFolder trial(int setting, boolean breaksOff) {
    Path path = folder.resolve("trial");
    return new TrialFolder(path, new Leaving(path.resolve("left.json"), setting, breaksOff));
  }

  private Workshop workshop() {
    return new Workshop(folder, folder, 1, Map.of(), _ -> {});
  }

  @Test
  void aTrialThatWasCutOffFindsWhatItLeftAndIsThenFinished() {
    try (Workshop workshop = workshop()) {
      assertThatThrownBy(() -> trial(1, true).run(workshop)).hasMessage("cut off");
      assertThat(trial(1, false).finished()).isEmpty();
      List<Row> rows = trial(1, false).run(workshop);
      assertThat(rows).extracting(Row::variant).containsExactly("went on");
      assertThat(trial(1, false).finished()).contains(rows);
    }
  }

  @Test
  void aTrialWithOtherSettingsBeginsAfresh() {
    try (Workshop workshop = workshop()) {
      trial(1, false).run(workshop);
      assertThat(trial(2, false).finished()).isEmpty();
      assertThat(trial(2, false).run(workshop)).extracting(Row::variant).containsExactly("began");
    }
  }

  @Test
  void whatPeopleWroteInTheReadmeStays() throws Exception {
    Experiment experiment = Experiments.ALL.getFirst();
    ResultFolder results = new ResultFolder(folder.resolve("results"));
    Path readme = folder.resolve("results/README.md");
    results.write(
        experiment, "c", new ExperimentRun.Outcome(List.of(), List.of(), List.of("no A")));
    String skeleton = Files.readString(readme);
    Files.writeString(readme, skeleton.replace("## Why", "A sentence of ours.\n\n## Why"));
    results.write(
        experiment, "c", new ExperimentRun.Outcome(List.of(), List.of(), List.of("no B")));
    assertThat(Files.readString(readme))
        .contains("A sentence of ours.", "no B")
        .doesNotContain("no A");
  }

  @Test
  void aFolderOfSomethingElseIsRefused() throws Exception {
    ResultFolder results = new ResultFolder(folder);
    results.requireOurs();
    Path config = Files.writeString(folder.resolve("config.json"), "{\"model_type\":\"llama\"}");
    assertThatThrownBy(results::requireOurs)
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("is not that of an experiment");
    Files.writeString(config, "{\"experiment\":\"coca\"}");
    results.requireOurs();
  }

  @Test
  void theTimeLeftIsAnnouncedOnceATrialIsDone() {
    long[] now = {0};
    InstantSource clock = () -> Instant.ofEpochMilli(now[0]);
    List<String> log = new ArrayList<>();
    try (Workshop workshop = new Workshop(Path.of(".."), folder, 1, Map.of(), log::add)) {
      new ExperimentRun(new Copies(() -> now[0] += 60_000), workshop, clock).run(Scale.TINY);
    }
    assertThat(log).containsExactly("[1/2] one", "[2/2] two (about 1 min 0 s left)");
  }

  /// Two trials of equal cost.
  private record Copies(Runnable work) implements Experiment {

    @Override
    public String name() {
      return "copies";
    }

    @Override
    public String title() {
      return "";
    }

    @Override
    public String published() {
      return "";
    }

    @Override
    public String differences() {
      return "";
    }

    @Override
    public List<Trial> trials(Scale scale) {
      return List.of(new Named("one", work), new Named("two", work));
    }

    @Override
    public List<Exhibit> exhibits() {
      return List.of();
    }
  }

  private record Named(String name, Runnable work) implements Trial {

    @Override
    public Map<String, Object> settings() {
      return Map.of();
    }

    @Override
    public long cost() {
      return 5;
    }

    @Override
    public void run(Workshop workshop, Consumer<Row> rows) {
      work.run();
    }
  }
}

package dev.lengthwise.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.app.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The settings of examples/tasks work on the lines beside them, as docs/training.md says.
class TaskExamplesTest {

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  @TempDir Path folder;

  // Their commands run at the root of a checkout, and this test in a module: files get the root.
  @ParameterizedTest
  @ValueSource(strings = {"choice", "classification", "pairs", "reading", "tagging"})
  void settingsTrainOnTheLinesBesideThem(String name) throws IOException {
    Path file = ROOT.resolve("examples/tasks/" + name + ".json");
    ObjectNode settings = (ObjectNode) MAPPER.readTree(file.toFile());
    ObjectNode task = (ObjectNode) settings.get("task");
    for (String part : new String[] {"training", "validation"}) {
      assertThat(task.get(part).asText())
          .isEqualTo("examples/tasks/%s-%s.jsonl".formatted(name, part));
      task.put(part, ROOT.resolve(task.get(part).asText()).toString());
    }
    ((ObjectNode) settings.get("schedule")).put("steps", 3).put("warmUpSteps", 1);
    Path few = folder.resolve("few.json");
    MAPPER.writeValue(few.toFile(), settings);
    Path out = folder.resolve("run");
    Run run = Run.of("train", "--config", few.toString(), "--tiny", "--out", out.toString());
    assertThat(run.status()).as(run.err()).isZero();
    Run judged =
        Run.of(
            "evaluate",
            "task",
            "-m",
            out.resolve("model").toString(),
            "--test",
            task.get("validation").asText());
    assertThat(judged.status()).as(judged.err()).isZero();
    assertThat(judged.out()).contains("examples     8");
    assertThat(Files.readString(file)).as("no text that is not here").doesNotContain("data/tasks");
  }
}

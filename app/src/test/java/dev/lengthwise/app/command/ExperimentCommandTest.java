package dev.lengthwise.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.app.Run;
import dev.lengthwise.io.FolderLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExperimentCommandTest {

  @TempDir Path folder;

  private Run run(Path work, Path out) {
    return Run.of(
        "experiment", "coca", "--tiny", "--work", work.toString(), "--out", out.toString());
  }

  @Test
  void aRunThatIsRefusedLeavesNoFolder() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));

    Run refused = run(folder.resolve("new/work"), file);

    assertThat(refused.status()).isEqualTo(1);
    assertThat(refused.err()).contains(file + " cannot be written to");
    assertThat(folder.resolve("new")).doesNotExist();
  }

  @Test
  void aRunBesideAnotherLeavesNoFolder() {
    Path out = folder.resolve("results/of/it");
    try (FolderLock _ = FolderLock.of(folder.resolve("coca-tiny"))) {
      Run refused = run(folder, out);

      assertThat(refused.status()).isEqualTo(1);
      assertThat(refused.err()).contains("is being written by another run");
      assertThat(folder.resolve("results")).doesNotExist();
    }
  }
}

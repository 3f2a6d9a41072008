package dev.lengthwise.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkshopTest {

  @TempDir Path folder;

  // READMEs of results name what was absent, and are read elsewhere.
  @Test
  void whatIsAbsentIsToldFromTheProjectsFolder() {
    Path home = folder.resolve("project");
    try (Workshop workshop = new Workshop(home, folder, 1, Map.of(), line -> {})) {
      assertThat(PairSet.obstacle(workshop))
          .hasValueSatisfying(
              text -> assertThat(text).contains("are not at ../shared/data/sts/zh of the project"));
      assertThat(NovelPassages.obstacle(workshop))
          .hasValueSatisfying(text -> assertThat(text).doesNotContain(folder.toString()));
      assertThat(workshop.told(workshop.trainedModel("a"))).isEqualTo("runs/a/model");
      assertThat(workshop.told(PublishedEncoder.Source.MINI_LM.jar(workshop)))
          .startsWith("app/target/encoders/");
    }
  }
}

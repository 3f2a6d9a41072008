package dev.lengthwise.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.app.TinyModel;
import dev.lengthwise.attention.CacheType;
import dev.lengthwise.generate.MemoryPlanner;
import dev.lengthwise.runtime.ModelSettings;
import dev.lengthwise.runtime.PlannedModel;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ServerMemoryTest {

  private static ServerMemory memory(long mostCache) {
    PlannedModel planned =
        PlannedModel.read(Path.of(TinyModel.shared("stories260K")), ModelSettings.DEFAULT);
    MemoryPlanner planner =
        planned.planner(planned.plans("rope", OptionalLong.empty()), CacheType.F32, 512);
    return new ServerMemory(planner, 4096, 8, mostCache, 512L << 20);
  }

  /// stories260K: 5 layers with 4 key heads of 8 channels, which are kept in rows of 16 and 8.
  @Test
  void allTextsTogetherAreCounted() {
    String text = memory(Long.MAX_VALUE).text(16L << 30);

    assertThat(text)
        .contains("8 texts of 4096 tokens at most 60.0 MiB (f32)", "prompts at most 512.0 MiB")
        .endsWith("of 16.00 GiB.");
    assertThat(memory(10L << 20).text(16L << 30)).contains("at most 10.0 MiB (f32)");
  }

  @Test
  void whatDoesNotFitIsSaidWithWhatWould() {
    assertThat(memory(Long.MAX_VALUE).text(800L << 20))
        .contains("That does not fit: lower --ctx-size (one text alone may have ");
    assertThat(memory(Long.MAX_VALUE).text(1000)).endsWith("or one in fewer bits.");
  }
}

package dev.lengthwise.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.app.options.Version;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Command;

class CommandsTest {

  @Test
  void everyCommandIsCalledByTheNameInItsAnnotation() {
    for (Commands.Entry entry : Commands.ALL) {
      Command annotation = entry.maker().get().getClass().getAnnotation(Command.class);
      assertThat(annotation.name()).isEqualTo(entry.name());
    }
  }

  @Test
  void onlyTheCalledCommandIsBuilt() {
    assertThat(Main.commandLine(Map.of(), "generate", "-n", "1").getSubcommands())
        .containsOnlyKeys("generate");
    assertThat(Main.commandLine(Map.of(), "--help").getSubcommands()).hasSize(Commands.ALL.size());
  }

  @Test
  void helpAndVersionDoNotWaitForLibtorch() {
    assertThat(Commands.needTorch("generate", "-n", "1")).isTrue();
    assertThat(Commands.needTorch("generate", "--help")).isFalse();
    assertThat(Commands.needTorch("methods")).isFalse();
    assertThat(Commands.needTorch()).isFalse();
    assertThat(Commands.areVersion("--version")).isTrue();
    assertThat(Commands.areVersion("compare", "--version")).isFalse();
  }

  @Test
  void theVersionIsTheSameWithAndWithoutAParser() {
    assertThat(Run.of("--version").out().strip()).isEqualTo(Version.line());
  }
}

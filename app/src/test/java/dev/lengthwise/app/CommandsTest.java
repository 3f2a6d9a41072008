package dev.lengthwise.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.app.options.Version;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Command;

class CommandsTest {

  /// What a full disk or a reader that has gone away does to a stream.
  private static final OutputStream FULL =
      new OutputStream() {
        @Override
        public void write(int b) throws IOException {
          throw new IOException("No space left on device");
        }
      };

  @Test
  void resultsThatCannotBeWrittenFailTheRun() {
    ByteArrayOutputStream error = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(FULL, true, StandardCharsets.UTF_8);
    PrintStream err = new PrintStream(error, true, StandardCharsets.UTF_8);
    assertThat(Main.finished(0, out, err)).isZero();
    out.println("a result");
    assertThat(Main.finished(0, out, err)).isOne();
    assertThat(error.toString(StandardCharsets.UTF_8))
        .contains("Standard output cannot be written");
    error.reset();
    assertThat(Main.finished(2, out, err)).isEqualTo(2);
    assertThat(error.size()).as("a second complaint").isZero();
  }

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
  void helpShowsWhatTheOptionShows() {
    assertThat(Run.of("help")).isEqualTo(Run.of("--help"));
    assertThat(Run.of("help", "generate")).isEqualTo(Run.of("generate", "--help"));
    assertThat(Run.of("help", "evaluate", "match").out()).contains("--validation=FILE");
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

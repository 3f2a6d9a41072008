package dev.lengthwise;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.generate.GenerationOptions;
import dev.lengthwise.generate.Sampling;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/// A program that starts Java without the module of the Vector API uses the library all the same.
class WithoutVectorApiTest {

  /// What such a program does.
  public static final class Program {

    private Program() {}

    /// Prints "done" after a text and losses.
    public static void main(String[] arguments) {
      try (Model model = Model.open(arguments[0]);
          Session session = model.with("rerope:window=64").session()) {
        GenerationOptions options = GenerationOptions.of(Sampling.GREEDY, 3);
        session.generate("public int max(int a, int b)", options, _ -> {}, () -> false);
        model.with("rope").score("int x = 1;");
        System.out.println("done");
      }
    }
  }

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
  void scalarKernelsRunAndOneLineSaysSo() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Program.class.getName(),
                Path.of("../models/java-5m").toString())
            .redirectErrorStream(true)
            .start();
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(output).isZero();
      assertThat(output).contains("--add-modules jdk.incubator.vector").contains("done");
    } finally {
      process.destroyForcibly();
    }
  }
}

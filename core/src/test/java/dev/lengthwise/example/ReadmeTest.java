package dev.lengthwise.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The programs of the README compile, run, and are those that were compiled and run.
class ReadmeTest {

  private static final Path SOURCE =
      Path.of("src", "test", "java", "dev", "lengthwise", "example", "Programs.java");
  private static final Path BUNDLED = Path.of("..", "models", "java-5m");

  @ParameterizedTest
  @ValueSource(strings = {"text", "chat"})
  void theReadmeShowsWhatIsCompiled(String name) throws IOException {
    String source = Files.readString(SOURCE);
    String program =
        source
            .substring(
                source.indexOf("// begin " + name) + ("// begin " + name).length() + 1,
                source.indexOf("// end " + name))
            .stripIndent()
            .strip();
    assertThat(Files.readString(Path.of("..", "README.md")))
        .contains("```java\n" + program + "\n```");
  }

  @Test
  void theTextGoesOn() {
    assertThat(output("", () -> Programs.text(BUNDLED.toString()))).contains("int");
  }

  @Test
  void theChatChangesItsMethod(@TempDir Path folder) throws IOException {
    for (String file : new String[] {"config.json", "model.safetensors", "tokenizer.json"}) {
      Files.copy(BUNDLED.resolve(file), folder.resolve(file));
    }
    Files.writeString(
        folder.resolve("chat_template.jinja"),
        "{% for m in messages %}// {{ m.role }}\n{{ m.content }}\n{% endfor %}");
    String said =
        output(
            "int a = 1;\n/method window:window=64\nint b = 2;\n",
            () -> Programs.chat(folder.toString()));
    assertThat(said).contains("method=window:window=64").contains("the last 64 tokens");
  }

  private static String output(String input, Runnable program) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    InputStream in = System.in;
    PrintStream out = System.out;
    try (PrintStream captured = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
      System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
      System.setOut(captured);
      program.run();
    } finally {
      System.setIn(in);
      System.setOut(out);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}

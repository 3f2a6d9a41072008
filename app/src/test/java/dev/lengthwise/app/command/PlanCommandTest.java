package dev.lengthwise.app.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lengthwise.app.Run;
import dev.lengthwise.app.TinyModel;
import dev.lengthwise.app.options.ByteSize;
import dev.lengthwise.app.options.Home;
import dev.lengthwise.parallel.VectorWidth;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanCommandTest {

  // Not a constant: a class whose first value is skipped cannot be made.
  private static String model() {
    return TinyModel.shared("stories260K");
  }

  private static JsonNode plan(String... more) throws IOException {
    String[] arguments = new String[3 + more.length];
    arguments[0] = "plan";
    arguments[1] = model();
    arguments[2] = "--json";
    System.arraycopy(more, 0, arguments, 3, more.length);
    Run run = Run.of(arguments);
    assertThat(run.err()).isEmpty();
    return new JsonMapper().readTree(run.out());
  }

  /// stories260K: 5 layers, 4 key heads of 8 channels, 260,032 weights in f32.
  @Test
  void keysAndValuesAreThoseOfTheShape() throws IOException {
    JsonNode plan = plan("--ctx", "512");

    assertThat(plan.get("cache").asLong()).isGreaterThanOrEqualTo(5L * 512 * 4 * (8 + 16) * 4);
    assertThat(plan.at("/by_cache_type/bf16/cache").asLong() * 2)
        .isEqualTo(plan.get("cache").asLong());
    assertThat(plan.get("weights_file").asLong() + plan.get("weights_converted").asLong())
        .isEqualTo(260_032 * 4L);
  }

  @Test
  void aWindowKeepsAFewPagesOfAnyText() throws IOException {
    JsonNode window = plan("--method", "window:window=64", "-b", "64", "--ctx", "1000000");
    JsonNode all = plan("--method", "rope", "-b", "64", "--ctx", "1000000");

    assertThat(window.get("cache").asLong()).isLessThan(1 << 20);
    assertThat(all.get("cache").asLong()).isGreaterThan(500L << 20);
    assertThat(window.at("/by_cache_type/f32/longest").asLong()).isEqualTo(1L << 40);
  }

  @Test
  void whereActivationsAreRoundedTheCacheIsBf16(@TempDir Path folder) throws IOException {
    assumeThat(VectorWidth.vectorised()).as("activations are rounded for vectors only").isTrue();
    Path file = folder.resolve("model.gguf");
    String bundled = Path.of("..", "models", Home.BUNDLED_MODEL).toString();
    Run.of("quantize", bundled, file.toString(), "--type", "q4_0", "--quiet");

    assertThat(cacheType(file)).isEqualTo("bf16");
    assertThat(cacheType(file, "--activations", "f32")).isEqualTo("f32");
    assertThat(cacheType(file, "--repack", "off")).isEqualTo("f32");
    assertThat(cacheType(file, "--cache-type", "q8_0")).isEqualTo("q8_0");
    assertThat(cacheType(Path.of(bundled))).isEqualTo("f32");
  }

  private static String cacheType(Path model, String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("plan", model.toString(), "--json"));
    arguments.addAll(List.of(more));
    return new JsonMapper()
        .readTree(Run.of(arguments.toArray(String[]::new)).out())
        .get("cache_type")
        .asText();
  }

  @Test
  void theTableSaysWhatDoesNotFit() {
    Run run = Run.of("plan", model(), "--ctx", "4096", "--memory", "10M");

    assertThat(run.out()).contains("more than there is", "does not fit", "exact");
    assertThat(run.status()).isZero();
  }

  @Test
  void sizesAreReadAsTheyAreWritten() {
    ByteSize sizes = new ByteSize();
    assertThat(sizes.convert("1.5GiB")).isEqualTo(3L << 29);
    assertThat(sizes.convert("800m")).isEqualTo(800L << 20);
    assertThat(sizes.convert("1000")).isEqualTo(1000);
    assertThat(ByteSize.text(3L << 29)).isEqualTo("1.50 GiB");
  }
}

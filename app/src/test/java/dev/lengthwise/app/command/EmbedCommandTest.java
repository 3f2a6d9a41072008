package dev.lengthwise.app.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lengthwise.app.Run;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The encoder of tools/encoder-fixtures.py, from the command line.
class EmbedCommandTest {

  private static final String MODEL = "../core/src/test/resources/families/sentences/mean";
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir Path folder;

  private static JsonNode fixture() throws IOException {
    return MAPPER.readTree(Path.of(MODEL + ".json").toFile());
  }

  @Test
  void textsBecomeLinesOfJson() throws IOException {
    JsonNode fixture = fixture();
    Path file = folder.resolve("texts.jsonl");
    Files.writeString(
        file, "{\"q\": %s}\n".formatted(MAPPER.writeValueAsString(fixture.get("texts").get(1))));
    Run run =
        Run.of(
            "embed",
            "-m",
            MODEL,
            fixture.get("texts").get(0).asText(),
            "-f",
            file.toString(),
            "--field",
            "q");
    assertThat(run.status()).as(run.err()).isZero();
    String[] lines = run.out().strip().split("\n");
    assertThat(lines).hasSize(2);
    for (int n = 0; n < lines.length; n++) {
      JsonNode line = MAPPER.readTree(lines[n]);
      assertThat(line.get("index").asInt()).isEqualTo(n);
      assertClose(line.get("vector"), fixture.get("vectors").get(n));
    }
  }

  @Test
  void promptsStandBeforeTextsAndMatricesAreOfNumpy() throws IOException {
    JsonNode fixture = fixture();
    Path texts = folder.resolve("texts.txt");
    Files.writeString(texts, fixture.get("texts").get(2).asText() + "\n\nfox\n");
    Path out = folder.resolve("vectors.npy");
    Run run =
        Run.of(
            "embed",
            "-m",
            MODEL,
            "-f",
            texts.toString(),
            "--prompt",
            "query",
            "--out",
            out.toString());
    assertThat(run.status()).as(run.err()).isZero();
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(out)).order(ByteOrder.LITTLE_ENDIAN);
    int header = 10 + bytes.getShort(8);
    assertThat(new String(bytes.array(), 10, header - 10, StandardCharsets.US_ASCII))
        .startsWith("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 12), }")
        .endsWith("\n");
    assertThat(header % 64).isZero();
    for (int number = 0; number < 12; number++) {
      assertThat((double) bytes.getFloat(header + 4 * number))
          .isCloseTo(fixture.get("prompted").get(2).get(number).asDouble(), within(2e-5));
    }
  }

  @Test
  void fewerBitsKeepDirections() throws IOException {
    String text = fixture().get("texts").get(0).asText();
    JsonNode exact = fixture().get("vectors").get(0);
    JsonNode eight = MAPPER.readTree(Run.of("embed", "-m", MODEL, "--type", "INT8", text).out());
    JsonNode bits =
        MAPPER.readTree(Run.of("embed", "-m", MODEL, "--type", "BINARY", text).out()).get("bits");
    for (int n = 0; n < exact.size(); n++) {
      double scale = eight.get("scale").asDouble();
      assertThat(eight.get("vector").get(n).asInt() * scale)
          .isCloseTo(exact.get(n).asDouble(), within(0.51 * scale));
      boolean set = (bits.get(n / 8).asInt() >> (7 - n % 8) & 1) == 1;
      assertThat(set).isEqualTo(exact.get(n).asDouble() > 0);
    }
  }

  @Test
  void textsAreReadOnPastTheTrainedLength() {
    Run within = Run.of("embed", "-m", MODEL, "--past-trained-length", "fox ".repeat(38));
    assertThat(within.status()).as(within.err()).isZero();
    Run learned = Run.of("embed", "-m", MODEL, "--past-trained-length", "fox ".repeat(60));
    assertThat(learned.status()).isEqualTo(1);
    assertThat(learned.err()).contains("62 tokens", "reads 40");
  }

  @Test
  void mistakesAreSentences() {
    assertThat(Run.of("embed", "-m", MODEL).status()).isEqualTo(2);
    Run tooLong = Run.of("embed", "-m", MODEL, "fox ".repeat(60));
    assertThat(tooLong.status()).isEqualTo(1);
    assertThat(tooLong.err()).contains("62 tokens", "reads 32");
    assertThat(Run.of("embed", "-m", MODEL, "--truncate", "fox ".repeat(60)).status()).isZero();
    Run both = Run.of("embed", "-m", MODEL, "--truncate", "--past-trained-length", "fox");
    assertThat(both.status()).isEqualTo(2);
    assertThat(both.err()).contains("--truncate and --past-trained-length exclude each other");
    assertThat(Run.of("embed", "-m", MODEL, "--pooling", "median", "fox").err())
        .contains("'median' is no pooling; expected one of cls, mean, max, last");
    assertThat(Run.of("embed", "-m", MODEL, "--prompt", "title", "fox").err())
        .contains("no prompt 'title'", "query");
  }

  private static void assertClose(JsonNode vector, JsonNode expected) {
    assertThat(vector.size()).isEqualTo(expected.size());
    for (int n = 0; n < expected.size(); n++) {
      assertThat(vector.get(n).asDouble()).isCloseTo(expected.get(n).asDouble(), within(2e-5));
    }
  }
}

package dev.lengthwise.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JsonLinesReportTest {

  private static final JsonMapper MAPPER = new JsonMapper();

  @TempDir Path folder;

  @Test
  void everyLineParsesAndHasAKind() throws IOException {
    ComparisonReport report = SampleReport.sample();
    List<JsonNode> lines = written(report);
    assertThat(lines.getFirst().get("kind").asText()).isEqualTo("protocol");
    assertThat(lines.getFirst().at("/protocol/seed").asInt()).isEqualTo(7);
    assertThat(lines.getFirst().at("/protocol/model/family").asText()).isEqualTo("llama");
    assertThat(ofKind(lines, "row")).hasSameSizeAs(report.rows());
    assertThat(ofKind(lines, "curve")).hasSameSizeAs(report.curves());
    assertThat(ofKind(lines, "passkey")).hasSameSizeAs(report.passkey());
  }

  @Test
  void numbersComeBackAsTheyWere() throws IOException {
    ComparisonReport report = SampleReport.sample();
    List<JsonNode> lines = written(report);
    ResultRow row = report.rows().getFirst();
    JsonNode read = ofKind(lines, "row").getFirst();
    assertThat(read.get("method").asText()).isEqualTo(row.method());
    assertThat(read.get("perplexity").asDouble()).isEqualTo(row.perplexity());
    double[] loss =
        MAPPER.convertValue(ofKind(lines, "curve").getFirst().get("nll"), double[].class);
    assertThat(loss).isEqualTo(report.curves().getFirst().thinned(500).loss());
  }

  @Test
  void whatJsonCannotSayIsNull() throws IOException {
    ResultRow row = new ResultRow("rope", 512, Double.POSITIVE_INFINITY, 3, Double.NaN, 10);
    JsonNode read =
        ofKind(
                written(
                    new ComparisonReport(
                        "t", "h", 256, List.of(row), List.of(), List.of(), Map.of(), List.of())),
                "row")
            .getFirst();
    assertThat(read.get("perplexity").isNull()).isTrue();
    assertThat(read.get("passkeyAccuracy").isNull()).isTrue();
  }

  private List<JsonNode> written(ComparisonReport report) throws IOException {
    Path file = folder.resolve("results.jsonl");
    JsonLinesReport.write(report, file);
    List<JsonNode> nodes = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      nodes.add(MAPPER.readTree(line));
    }
    return nodes;
  }

  private static List<JsonNode> ofKind(List<JsonNode> lines, String kind) {
    return lines.stream().filter(line -> line.get("kind").asText().equals(kind)).toList();
  }
}

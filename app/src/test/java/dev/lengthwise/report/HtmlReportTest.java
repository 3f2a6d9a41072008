package dev.lengthwise.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class HtmlReportTest {

  private static final String HOSTILE = "<script>alert('{{data}} & \"x\"')</script>";

  @Test
  void loadsNothingFromAnywhere() {
    String page = HtmlReport.render(SampleReport.sample());
    String own = withoutLibrary(page);
    assertThat(own).doesNotContain("http:", "https:", " src=", "<link", "@import", "url(");
    assertThat(page).contains("default-src 'none'").contains("Apache Software Foundation");
  }

  @Test
  void showsEveryMethodInCurvesRowsAndHeatMaps() throws IOException {
    ComparisonReport report = SampleReport.sample();
    String page = HtmlReport.render(report);
    JsonNode data = data(page);
    assertThat(data.get("methods")).hasSameSizeAs(report.methods());
    for (String method : report.methods()) {
      assertThat(data.get("curves").findValuesAsText("method")).contains(method);
      assertThat(data.get("rows").findValuesAsText("method")).contains(method);
      assertThat(page).contains("title=\"" + method + ", 4,096 tokens, depth 50%");
    }
    data.get("curves").forEach(c -> assertThat(c.get("points").size()).isLessThanOrEqualTo(500));
  }

  @Test
  void marksTheTrainedLengthAndWarnsAboutFlatLoss() throws IOException {
    String page = HtmlReport.render(SampleReport.sample());
    assertThat(data(page).get("trainedLength").asLong()).isEqualTo(256);
    assertThat(page).contains("xAxis: trainedLength").contains("class=\"number beyond\">512<");
    assertThat(page).contains("Flat loss alone is not memory.");
  }

  @Test
  void textOfOthersCannotBecomeMarkup() throws IOException {
    ComparisonReport report =
        new ComparisonReport(
            HOSTILE,
            HOSTILE,
            256,
            List.of(new ResultRow(HOSTILE, 512, 5, 1, 0.5, 1)),
            List.of(new LossCurve(HOSTILE, new double[] {1}, new double[] {1})),
            List.of(new PasskeyCell(HOSTILE, 512, 0.5, 0.5, 2)),
            Map.of(HOSTILE, Map.of("k", List.of(HOSTILE))),
            List.of(HOSTILE));
    String page = HtmlReport.render(report);
    assertThat(page).doesNotContain("<script>alert");
    assertThat(page).contains("&lt;script&gt;alert(&#39;{{data}} &amp; &quot;x&quot;&#39;)");
    assertThat(data(page).get("methods").get(0).asText()).isEqualTo(HOSTILE);
  }

  @Test
  void aPartialReportHidesWhatIsMissing() {
    ComparisonReport empty =
        new ComparisonReport("t", "h", 256, List.of(), List.of(), List.of(), Map.of(), List.of());
    assertThat(HtmlReport.render(empty).split("<section hidden>", -1)).hasSize(8);
    assertThat(HtmlReport.render(SampleReport.sample())).doesNotContain("<section hidden>");
  }

  private static JsonNode data(String page) throws IOException {
    String start = "id=\"data\">";
    int from = page.indexOf(start) + start.length();
    return new JsonMapper().readTree(page.substring(from, page.indexOf("</script>", from)));
  }

  private static String withoutLibrary(String page) {
    int from = page.indexOf("<script>");
    return page.substring(0, from) + page.substring(page.indexOf("</script>", from));
  }
}

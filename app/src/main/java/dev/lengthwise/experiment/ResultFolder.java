package dev.lengthwise.experiment;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.AtomicFile;
import dev.lengthwise.io.FileReason;
import dev.lengthwise.io.JsonFile;
import dev.lengthwise.io.JsonObjects;
import dev.lengthwise.report.LineChart;
import dev.lengthwise.report.SvgCharts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The folder of an experiment for readers: `config.json`; `metrics.jsonl`, whose rows give the
/// place of their protocol in the list `protocols.json`, from 0; charts as SVG and a `README.md`.
///
/// What people write in the README stays when the experiment is run again: only the part between
/// two marks is replaced.
///
/// @param path of the folder
public record ResultFolder(Path path) {

  private static final String CONFIG = "config.json";
  private static final String EXPERIMENT = "experiment";
  private static final String BEGIN = "<!-- what follows is made by the experiment command -->";
  private static final String END = "<!-- end of what is made by the experiment command -->";

  /// Refuses a folder of something else, such as a model: its `config.json` would be lost.
  ///
  /// @throws LengthwiseException when there is a `config.json` of no experiment
  public void requireOurs() {
    Path config = path.resolve(CONFIG);
    if (Files.exists(config) && !JsonObjects.readPythonObject(config).has(EXPERIMENT)) {
      throw new LengthwiseException(
          config + " is not that of an experiment, and would be overwritten; name another folder");
    }
  }

  /// Writes everything.
  ///
  /// @param command that made it
  public void write(Experiment experiment, String command, ExperimentRun.Outcome outcome) {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put(EXPERIMENT, experiment.name());
    config.put("command", command);
    config.put("trials", outcome.trials().stream().map(Trial::settings).toList());
    JsonFile.write(path.resolve(CONFIG), config);
    writeRows(outcome.rows());
    SvgCharts charts = new SvgCharts();
    StringBuilder found = new StringBuilder();
    for (Exhibit exhibit : experiment.exhibits()) {
      LineChart chart = exhibit.chart(outcome.rows());
      if (!chart.series().isEmpty()) {
        String file = exhibit.file() + ".svg";
        String svg = charts.draw(chart);
        AtomicFile.writeText(path.resolve(file), writer -> writer.write(svg));
        found.append("### ").append(exhibit.title()).append("\n\n");
        found.append("![%s](%s)\n\n".formatted(exhibit.title(), file));
        found.append(MarkdownTable.of(exhibit, outcome.rows())).append('\n');
      }
    }
    String readme = readme(experiment, command, outcome.leftOut(), found.toString());
    AtomicFile.writeText(path.resolve("README.md"), writer -> writer.write(readme));
  }

  // Some thousand rows share some dozen protocols: a row names the place of its own in the list.
  private void writeRows(List<Row> rows) {
    Map<Map<String, Object>, Integer> places = new LinkedHashMap<>();
    List<Map<String, Object>> lines = new ArrayList<>();
    for (Row row : rows) {
      Map<String, Object> line = JsonFiles.map(row);
      line.put("protocol", places.computeIfAbsent(row.protocol(), _ -> places.size()));
      lines.add(line);
    }
    JsonFile.write(path.resolve("protocols.json"), List.copyOf(places.keySet()));
    JsonFiles.writeLines(path.resolve("metrics.jsonl"), lines);
  }

  private String readme(Experiment experiment, String command, List<String> leftOut, String found) {
    String made = BEGIN + "\n\n" + notes(leftOut) + found + END;
    String old = existing();
    int from = old.indexOf(BEGIN);
    int until = old.indexOf(END);
    if (from >= 0 && until > from) {
      return old.substring(0, from) + made + old.substring(until + END.length());
    }
    return """
    # %s

        %s

    ## What the papers found

    %s
    ## What we found

    %s

    ## Why they may differ

    %s\
    """
        .formatted(
            experiment.title(), command, experiment.published(), made, experiment.differences());
  }

  private static String notes(List<String> leftOut) {
    return leftOut.isEmpty() ? "" : String.join("\n\n", leftOut) + "\n\n";
  }

  private String existing() {
    Path readme = path.resolve("README.md");
    try {
      return Files.exists(readme) ? Files.readString(readme) : "";
    } catch (IOException e) {
      throw new LengthwiseException("File " + readme + " cannot be read: " + FileReason.of(e), e);
    }
  }
}

package dev.lengthwise.experiment;

import dev.lengthwise.report.LineChart;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Some rows of an experiment as a chart and a table: a line for each variant and method.
///
/// @param file name of the chart, without its ending
/// @param title over chart and table
/// @param across what runs from left to right
/// @param shown what the numbers are
/// @param rows which rows
/// @param lines what tells one line from another
public record Exhibit(
    String file, String title, Across across, Shown shown, Predicate<Row> rows, Lines lines) {

  /// An exhibit with a line for each variant and method.
  public Exhibit(String file, String title, Across across, Shown shown, Predicate<Row> rows) {
    this(file, title, across, shown, rows, Lines.VARIANTS_AND_METHODS);
  }

  /// What tells one line from another.
  public enum Lines {
    /// The variant, the method, or both: whatever is not the same in all rows.
    VARIANTS_AND_METHODS,
    /// The metric.
    METRICS,
    /// The method: variants lie on one line, told apart by the number that the experiment varies.
    METHODS
  }

  /// What runs from left to right.
  ///
  /// @param name with its unit
  /// @param parameter whether it is the number that the experiment varies; else the length
  /// @param logarithmic whether equal steps are equal factors
  /// @param names of the places 1, 2 …, where they are no numbers
  public record Across(String name, boolean parameter, boolean logarithmic, List<String> names) {

    /// Copies the list.
    public Across {
      names = List.copyOf(names);
    }

    /// Places that are numbers.
    public Across(String name, boolean parameter, boolean logarithmic) {
      this(name, parameter, logarithmic, List.of());
    }

    /// Named places, from left to right.
    public static Across named(String name, List<String> names) {
      return new Across(name, true, false, names);
    }

    /// What a chart says below its numbers.
    String legend() {
      return names.isEmpty()
          ? name
          : IntStream.range(0, names.size())
              .mapToObj(n -> n + 1 + " " + names.get(n))
              .collect(Collectors.joining(", "));
    }

    /// Tokens of the text, by factors of two.
    public static final Across LENGTH = new Across("tokens", false, true);

    /// Tokens between query and key, by factors of two.
    public static final Across DISTANCE = new Across("distance", false, true);

    double of(Row row) {
      Double varied = row.parameter();
      return parameter && varied != null ? varied : row.length();
    }
  }

  /// How a number is shown.
  public enum Shown {
    /// A loss, as the perplexity `exp(loss)`.
    PERPLEXITY("perplexity"),
    /// A loss, in nats per token.
    NATS("nats per token"),
    /// A share, in per cent.
    PERCENT("%"),
    /// As it is.
    NUMBER("");

    private final String unit;

    Shown(String unit) {
      this.unit = unit;
    }

    double of(double value) {
      return switch (this) {
        case PERPLEXITY -> Math.exp(value);
        case PERCENT -> 100 * value;
        case NATS, NUMBER -> value;
      };
    }
  }

  /// What [Suite#small] measures, by length: perplexity, accuracy on natural and on repeated texts,
  /// and the passkey.
  public static List<Exhibit> ofSmallModels() {
    return List.of(
        byLength("perplexity", "Perplexity by length", "loss", Shown.PERPLEXITY),
        byLength("accuracy", "Accuracy on natural texts by length", "accuracy", Shown.PERCENT),
        byLength(
            "repeated", "Accuracy on repeated texts by length", "repeated_accuracy", Shown.PERCENT),
        byLength("passkey", "Digits of the passkey by length", "passkey_digits", Shown.PERCENT));
  }

  private static Exhibit byLength(String file, String title, String metric, Shown shown) {
    return new Exhibit(file, title, Across.LENGTH, shown, metric(metric));
  }

  /// The rows whose metric is `metric`.
  public static Predicate<Row> metric(String metric) {
    return row -> row.metric().equals(metric);
  }

  /// A cell: the mean over seeds and depths.
  ///
  /// @param mean of all of them
  /// @param spread half of the range between the means of the seeds; 0 with one seed
  public record Cell(double mean, double spread) {}

  /// The cells by label and place.
  public Map<String, Map<Double, Cell>> cells(List<Row> all) {
    List<Row> chosen = all.stream().filter(rows).toList();
    boolean oneMethod = chosen.stream().map(Row::method).distinct().count() == 1;
    boolean oneVariant =
        lines == Lines.METHODS || chosen.stream().map(Row::variant).distinct().count() == 1;
    Map<String, Map<Double, Map<Long, List<Double>>>> values = new LinkedHashMap<>();
    for (Row row : chosen) {
      String label =
          lines == Lines.METRICS
              ? row.metric()
              : oneVariant
                  ? row.method()
                  : oneMethod ? row.variant() : row.variant() + " · " + row.method();
      values
          .computeIfAbsent(label, _ -> new TreeMap<>())
          .computeIfAbsent(across.of(row), _ -> new TreeMap<>())
          .computeIfAbsent(row.seed(), _ -> new ArrayList<>())
          .add(row.value());
    }
    Map<String, Map<Double, Cell>> cells = new LinkedHashMap<>();
    values.forEach(
        (label, places) -> {
          Map<Double, Cell> line = new TreeMap<>();
          places.forEach((place, seeds) -> line.put(place, cell(seeds)));
          cells.put(label, line);
        });
    return cells;
  }

  private Cell cell(Map<Long, List<Double>> seeds) {
    double[] means =
        seeds.values().stream()
            .mapToDouble(
                values -> values.stream().mapToDouble(Double::doubleValue).average().orElseThrow())
            .map(shown::of)
            .toArray();
    double sum = 0;
    double least = means[0];
    double most = means[0];
    for (double mean : means) {
      sum += mean;
      least = Math.min(least, mean);
      most = Math.max(most, mean);
    }
    return new Cell(sum / means.length, (most - least) / 2);
  }

  /// The chart; numbers that are not finite have no point.
  LineChart chart(List<Row> all) {
    List<LineChart.Series> series = new ArrayList<>();
    cells(all)
        .forEach(
            (label, line) ->
                series.add(
                    new LineChart.Series(
                        label,
                        line.entrySet().stream()
                            .filter(entry -> Double.isFinite(entry.getValue().mean()))
                            .map(e -> new LineChart.Point(e.getKey(), e.getValue().mean()))
                            .toList())));
    return new LineChart(
        title,
        new LineChart.Axis(across.legend(), across.logarithmic()),
        new LineChart.Axis(shown.unit, shown == Shown.PERPLEXITY),
        series);
  }
}

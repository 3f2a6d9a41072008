package dev.lengthwise.report;

import dev.lengthwise.vectors.Hubness;
import dev.lengthwise.vectors.HubnessStudy;
import dev.lengthwise.vectors.VectorTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Hubs among vectors, for people and as lines of JSON.
public final class HubnessText {

  private static final int SHOWN = 5;
  private static final int WIDTH = 50;

  private HubnessText() {}

  /// A table with a line for each treatment, and the greatest hubs of the vectors as they are.
  ///
  /// @param names of the vectors; empty where they are numbered
  public static String render(
      List<HubnessStudy.Result> results, VectorTable table, int nearest, List<String> names) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%,d vectors of %,d numbers, %d nearest of each%n%n%-24s %9s %7s %7s %10s %9s %8s"
                + " %8s%n",
            table.count(),
            table.size(),
            nearest,
            "",
            "skewness",
            "most",
            "hubs %",
            "nowhere %",
            "to mean",
            "first %",
            "among %"));
    results.forEach(result -> text.append(row(result)));
    text.append(System.lineSeparator()).append("Greatest hubs of the vectors as they are:");
    Hubness own = results.getFirst().hubness();
    for (int vector : own.greatest(SHOWN)) {
      String name = names.isEmpty() ? "vector " + (vector + 1) : names.get(vector);
      text.append(
          String.format(
              Locale.ROOT,
              "%n%7d  %s",
              own.occurrences().get(vector),
              name.substring(0, Math.min(WIDTH, name.length()))));
    }
    return text.append(System.lineSeparator())
        .append(System.lineSeparator())
        .append(
            "most: nearest of so many others. nowhere: nearest of none. to mean: correlation of"
                + " that number with the distance to the mean. first, among: searches whose"
                + " nearest is a partner, or one of the nearest.")
        .append(System.lineSeparator())
        .toString();
  }

  private static String row(HubnessStudy.Result result) {
    Hubness hubness = result.hubness();
    boolean searched = result.recall().searches() > 0;
    return String.format(
        Locale.ROOT,
        "%-24s %9.2f %7d %7.1f %10.1f %9s %8s %8s%n",
        result.treatment().label(),
        hubness.skewness(),
        hubness.most(),
        100 * hubness.hubs(),
        100 * hubness.antiHubs(),
        hubness.central().isPresent()
            ? String.format(Locale.ROOT, "%.2f", hubness.central().getAsDouble())
            : Numbers.MISSING,
        searched ? percent(result.recall().first()) : Numbers.MISSING,
        searched ? percent(result.recall().among()) : Numbers.MISSING);
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f", 100 * share);
  }

  /// One treatment, for a line of JSON.
  public static Map<String, Object> line(HubnessStudy.Result result) {
    Hubness hubness = result.hubness();
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("treatment", result.treatment().label());
    line.put("nearest", hubness.nearest());
    line.put("skewness", hubness.skewness());
    line.put("most", hubness.most());
    line.put("hubs", hubness.hubs());
    line.put("antiHubs", hubness.antiHubs());
    hubness.central().ifPresent(value -> line.put("correlationWithDistanceToMean", value));
    if (result.recall().searches() > 0) {
      line.put("searches", result.recall().searches());
      line.put("first", result.recall().first());
      line.put("among", result.recall().among());
    }
    line.put("occurrences", hubness.occurrences());
    return line;
  }
}

package dev.lengthwise.report;

import java.util.List;

/// A chart of lines.
///
/// @param title over the chart
/// @param x horizontal axis
/// @param y vertical axis
/// @param series the lines, in the order of the legend
public record LineChart(String title, Axis x, Axis y, List<Series> series) {

  /// Copies the list.
  public LineChart {
    series = List.copyOf(series);
  }

  /// An axis.
  ///
  /// @param name what it counts, with its unit
  /// @param logarithmic whether equal steps are equal factors; numbers must then be positive
  public record Axis(String name, boolean logarithmic) {}

  /// A line.
  ///
  /// @param label its name in the legend
  /// @param points from left to right
  public record Series(String label, List<Point> points) {

    /// Copies the list.
    public Series {
      points = List.copyOf(points);
    }
  }

  /// A point of a line.
  public record Point(double x, double y) {

    /// Checks that the point can be drawn.
    public Point {
      if (!Double.isFinite(x) || !Double.isFinite(y)) {
        throw new IllegalArgumentException("a point needs finite coordinates: " + x + ", " + y);
      }
    }
  }
}

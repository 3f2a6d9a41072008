package dev.lengthwise.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.Function;
import org.mozilla.javascript.ScriptableObject;

/// Charts as SVG text, for pages that run no JavaScript: the chart library of the HTML reports
/// (Apache ECharts) draws them inside Mozilla Rhino, without a browser, AWT or fonts.
///
/// Starting takes some seconds, so one object draws many charts. Not for several threads.
public final class SvgCharts {

  // Colours of the library before they repeat.
  private static final int COLOURS = 9;

  private static final List<String> STROKES = List.of("solid", "dashed", "dotted");
  private static final List<String> SYMBOLS =
      List.of("emptyCircle", "triangle", "rect", "diamond", "emptyTriangle", "emptyRect");

  private static final int WIDTH = 860;
  private static final int PLOT_HEIGHT = 340;
  private static final int LEGEND_LINE = 22;
  private static final int SERIES_IN_A_LINE = 3;

  // ECharts asks for timers, which nothing ever waits for here, and draws when told to.
  private static final String ENVIRONMENT =
      """
      var self = this;
      function setTimeout() { return 0; }
      function clearTimeout() {}
      function draw(option, width, height) {
        var chart = echarts.init(null, null,
            {renderer: 'svg', ssr: true, width: width, height: height});
        chart.setOption(JSON.parse(option));
        var svg = chart.renderToSVGString();
        chart.dispose();
        return svg;
      }
      """;

  private static final JsonMapper MAPPER = new JsonMapper();

  private final ScriptableObject scope;

  /// Loads the chart library.
  public SvgCharts() {
    try (Context context = entered()) {
      scope = context.initSafeStandardObjects();
      context.evaluateString(scope, ENVIRONMENT, "environment", 1, null);
      context.evaluateString(scope, HtmlTemplate.chartLibrary(), "echarts", 1, null);
    }
  }

  // Compiled scripts would be too large for methods of the virtual machine.
  private static Context entered() {
    Context context = Context.enter();
    context.setInterpretedMode(true);
    context.setLanguageVersion(Context.VERSION_ES6);
    return context;
  }

  /// The chart as an SVG document.
  public String draw(LineChart chart) {
    int legend = LEGEND_LINE * Math.ceilDiv(chart.series().size(), SERIES_IN_A_LINE);
    try (Context context = entered()) {
      Object draw = scope.get("draw", scope);
      Object[] arguments = {json(option(chart, legend)), WIDTH, PLOT_HEIGHT + legend};
      Object svg = ((Function) draw).call(context, scope, scope, arguments);
      return Context.toString(svg);
    }
  }

  private static Map<String, Object> option(LineChart chart, int legend) {
    Map<String, Object> option = new LinkedHashMap<>();
    option.put("animation", false);
    option.put("backgroundColor", "#ffffff");
    option.put(
        "title",
        Map.of("text", chart.title(), "left", "center", "textStyle", Map.of("fontSize", 15)));
    option.put("legend", Map.of("top", 40, "itemGap", 12, "textStyle", Map.of("fontSize", 11)));
    option.put("grid", Map.of("top", 58 + legend, "bottom", 50, "left", 70, "right", 40));
    option.put("xAxis", axis(chart.x(), 28));
    option.put("yAxis", axis(chart.y(), 50));
    List<Map<String, Object>> lines = new ArrayList<>();
    chart.series().forEach(series -> lines.add(series(series, lines.size() / COLOURS)));
    option.put("series", lines);
    return option;
  }

  private static Map<String, Object> axis(LineChart.Axis axis, int gap) {
    Map<String, Object> option = new LinkedHashMap<>();
    option.put("type", axis.logarithmic() ? "log" : "value");
    if (axis.logarithmic()) {
      option.put("logBase", 2);
    }
    option.put("scale", true);
    option.put("name", axis.name());
    option.put("nameLocation", "middle");
    option.put("nameGap", gap);
    return option;
  }

  /// A line.
  ///
  /// @param round how often the colours have been used up before it: each time lines and points
  ///     look otherwise
  private static Map<String, Object> series(LineChart.Series series, int round) {
    List<double[]> points =
        series.points().stream().map(point -> new double[] {point.x(), point.y()}).toList();
    Map<String, Object> option = new LinkedHashMap<>();
    option.put("type", "line");
    option.put("name", series.label());
    option.put("symbol", SYMBOLS.get(round % SYMBOLS.size()));
    option.put("symbolSize", 5);
    option.put("lineStyle", Map.of("type", STROKES.get(round % STROKES.size())));
    option.put("data", points);
    return option;
  }

  private static String json(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a chart is not JSON", e);
    }
  }
}

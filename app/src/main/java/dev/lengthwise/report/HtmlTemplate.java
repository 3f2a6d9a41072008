package dev.lengthwise.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A page with placeholders, its script, and what all pages share: style and chart library.
final class HtmlTemplate {

  private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{(\\w+)}}");

  private HtmlTemplate() {}

  /// Fills `NAME.html` in one pass, so that a value that looks like a placeholder stays as it is.
  /// The placeholders `style`, `script` (`NAME.js`) and `library` are known already.
  static String fill(String name, Map<String, String> given) {
    Map<String, String> values = new HashMap<>(given);
    values.put("style", resource("report.css"));
    values.put("script", resource(name + ".js"));
    values.put("library", chartLibrary());
    return PLACEHOLDER
        .matcher(resource(name + ".html"))
        .replaceAll(
            match -> {
              String value = values.get(match.group(1));
              if (value == null) {
                throw new IllegalStateException(name + ".html names an unknown " + match.group());
              }
              return Matcher.quoteReplacement(value);
            });
  }

  /// Apache ECharts as one script, which the server has for its page.
  static String chartLibrary() {
    return resource("/dev/lengthwise/server/page/echarts.common.min.js");
  }

  private static String resource(String name) {
    try (InputStream stream = HtmlTemplate.class.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IllegalStateException(name + " is not in the jar of Lengthwise");
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}

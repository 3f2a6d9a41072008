package dev.lengthwise.server;

import dev.lengthwise.server.http.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;

/// The page at `/`: a conversation in a browser, with a position method or two side by side, and
/// what the engine sees meanwhile.
final class Page {

  private static final String SCRIPT = "text/javascript; charset=utf-8";

  // Apache ECharts is one of them; the build unpacks it.
  private static final Map<String, String> TYPES =
      Map.of(
          "index.html", "text/html; charset=utf-8",
          "page.css", "text/css; charset=utf-8",
          "api.js", SCRIPT,
          "curves.js", SCRIPT,
          "settings.js", SCRIPT,
          "strip.js", SCRIPT,
          "page.js", SCRIPT,
          "echarts.common.min.js", SCRIPT);

  // It loads nothing from elsewhere, runs no script and no style from within its text, and is shown
  // in no other page. The page's empty icon, `data:,`, needs "img-src data:".
  private static final Map<String, String> HEADERS =
      Map.of(
          "Content-Security-Policy",
          "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none';"
              + " form-action 'none'; frame-ancestors 'none'",
          "X-Content-Type-Options",
          "nosniff",
          "Referrer-Policy",
          "no-referrer",
          "Cache-Control",
          "no-cache");

  private Page() {}

  /// Its files by path.
  static Map<String, Answer> files() {
    Map<String, Answer> files = new HashMap<>();
    TYPES.forEach(
        (name, type) ->
            files.put(
                name.equals("index.html") ? "/" : "/" + name,
                new Answer(200, type, bytes(name), HEADERS)));
    return files;
  }

  private static byte[] bytes(String name) {
    try (InputStream in = Page.class.getResourceAsStream("page/" + name)) {
      if (in == null) {
        throw new IllegalStateException("the build left out the page's file " + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package dev.lengthwise.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.server.http.Answer;
import dev.lengthwise.server.http.Exchange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// The reports that `compare` and others left in a folder, for the page: `report.html` in it or in
/// one of its folders.
///
/// @param folder of results; empty: there are none
record Reports(Optional<Path> folder) {

  static final String PATH = "/results";

  private static final String FILE = "report.html";

  // Reports hold their scripts and load nothing; only our own page shows them.
  private static final Map<String, String> HEADERS =
      Map.of(
          "Content-Security-Policy",
          "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src"
              + " data:; frame-ancestors 'self'",
          "X-Content-Type-Options",
          "nosniff",
          "Cache-Control",
          "no-cache");

  /// Their names: paths within the folder.
  Answer list(Exchange exchange) {
    ObjectNode body = Json.object();
    ArrayNode names = body.putArray("reports");
    names().forEach(names::add);
    return Answer.json(200, body.toString());
  }

  /// One of them.
  Answer report(Exchange exchange) {
    String name = Api.below(exchange, PATH);
    if (folder.isEmpty() || !names().contains(name)) { // so nothing else is ever read
      throw ApiException.of(404, "invalid_request_error", "There is no such report");
    }
    try {
      byte[] page = Files.readAllBytes(folder.get().resolve(name));
      return new Answer(200, "text/html; charset=utf-8", page, HEADERS);
    } catch (IOException e) {
      throw ApiException.of(404, "invalid_request_error", "The report cannot be read");
    }
  }

  private List<String> names() {
    return folder.map(Reports::names).orElse(List.of());
  }

  private static List<String> names(Path folder) {
    try (Stream<Path> files = Files.walk(folder, 2)) {
      return files
          .filter(file -> file.getFileName().toString().equals(FILE))
          .map(file -> folder.relativize(file).toString().replace('\\', '/'))
          .sorted()
          .toList();
    } catch (IOException | UncheckedIOException e) {
      throw ApiException.of(404, "invalid_request_error", "The folder of results cannot be read");
    }
  }
}

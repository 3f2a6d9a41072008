package dev.lengthwise.server;

import dev.lengthwise.server.http.Exchange;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Who may use the server.
///
/// @param key that clients must know; empty: none
/// @param open paths that need no key
/// @param origins of pages in browsers that may use it, beside its own; `*` for all
record Access(Optional<String> key, Set<String> open, List<String> origins) {

  private static final String ANY = "*";

  /// Copies the paths and the origins.
  Access {
    open = Set.copyOf(open);
    origins = List.copyOf(origins);
  }

  /// Lets a request in.
  ///
  /// @param path without `/v1`
  /// @throws ApiException 401 without the key, 403 of a page from elsewhere
  void require(Exchange exchange, String path) {
    if (!open.contains(path)) {
      requireKey(exchange);
    }
    if (exchange.method().equals("POST")) {
      requireOrigin(exchange);
    }
  }

  private void requireKey(Exchange exchange) {
    Optional<String> given =
        exchange
            .header("Authorization")
            .filter(value -> value.regionMatches(true, 0, "Bearer ", 0, 7))
            .map(value -> value.substring(7).strip())
            .or(() -> exchange.header("X-Api-Key"));
    if (key.isPresent() && !isSame(given.orElse(""), key.get())) {
      throw ApiException.of(
          401,
          "authentication_error",
          "The key is missing or wrong; send it as \"Authorization: Bearer KEY\"");
    }
  }

  // Takes as long whichever character differs.
  private static boolean isSame(String given, String expected) {
    return MessageDigest.isEqual(
        given.getBytes(StandardCharsets.UTF_8), expected.getBytes(StandardCharsets.UTF_8));
  }

  // A browser sends what a page posts before it asks whether the page may read the answer, and
  // slots would have been written by then. Other clients name no origin.
  private void requireOrigin(Exchange exchange) {
    Optional<String> origin = exchange.header("Origin");
    if (origin.isPresent() && !isWelcome(origin.get(), exchange.header("Host").orElse(""))) {
      throw ApiException.of(
          403,
          "permission_error",
          "Pages of this origin may not use the server; start it with --cors-origin");
    }
  }

  private boolean isWelcome(String origin, String host) {
    return origins.contains(ANY)
        || origins.contains(origin)
        || origin.equalsIgnoreCase("http://" + host)
        || origin.equalsIgnoreCase("https://" + host); // behind a proxy
  }
}

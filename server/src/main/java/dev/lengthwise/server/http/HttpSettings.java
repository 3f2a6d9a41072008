package dev.lengthwise.server.http;

import java.time.Duration;
import java.util.List;

/// Where a server listens, and what it puts up with.
///
/// @param host name or address of the interface
/// @param port number; 0 for any that is free
/// @param mostBodyBytes of a request
/// @param mostConnections at the same time; further ones are closed at once
/// @param patience for the whole of a request to arrive, from the begin of the connection or the
///     answer before; and for a client to take what it is sent
/// @param origins of pages in browsers that may use the server; `*` for all
public record HttpSettings(
    String host,
    int port,
    int mostBodyBytes,
    int mostConnections,
    Duration patience,
    List<String> origins) {

  /// Copies the list.
  public HttpSettings {
    origins = List.copyOf(origins);
  }
}

package dev.lengthwise.hub;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.lengthwise.io.JsonObjects;
import dev.lengthwise.io.Sha256;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/// A hub on loopback with one model, `o/m`: its listing comes in pages of two files, large files
/// lie on another server, to which it redirects.
final class FakeHub implements AutoCloseable {

  static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
  private static final int PAGE = 2;

  /// What was asked of one of the servers.
  ///
  /// @param path with its query
  /// @param range and
  /// @param authorization headers
  record Seen(
      boolean elsewhere, String path, @Nullable String range, @Nullable String authorization) {}

  private final HttpServer hub = server(false);
  private final HttpServer store = server(true);
  private final Map<String, byte[]> files = new LinkedHashMap<>();
  private final Map<String, byte[]> large = new LinkedHashMap<>();
  private final Map<String, Long> claimed = new LinkedHashMap<>();

  /// Every request, in order.
  final List<Seen> seen = new ArrayList<>();

  /// Bytes after which each of the next answers of the store breaks off.
  final Deque<Integer> breaks = new ArrayDeque<>();

  /// Statuses of the next answers of the hub, in place of what was asked for.
  final Deque<Integer> busy = new ArrayDeque<>();

  /// Token that every request of the hub must have.
  @Nullable String token;

  /// `X-Error-Code` of refusals.
  String refusal = "RepoNotFound";

  /// Whether the store ignores ranges.
  boolean ignoresRanges;

  /// Whether the store says nothing after its first bytes.
  boolean fallsSilent;

  FakeHub() throws IOException {
    hub.start();
    store.start();
  }

  private HttpServer server(boolean elsewhere) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", exchange -> answer(exchange, elsewhere));
    return server;
  }

  FakeHub file(String path, String text) {
    files.put(path, text.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  FakeHub large(String path, byte[] bytes) {
    files.put(path, bytes);
    large.put(path, bytes);
    return this;
  }

  /// A file that the listing says to be larger than it is.
  FakeHub claimed(String path, long size) {
    claimed.put(path, size);
    return large(path, new byte[1]);
  }

  HubSettings settings(Path cache) {
    return new HubSettings(address(hub), cache, Optional.empty(), false);
  }

  private static URI address(HttpServer server) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /// Requests for files of the store.
  List<Seen> transfers() {
    return seen.stream().filter(Seen::elsewhere).toList();
  }

  private void answer(HttpExchange exchange, boolean elsewhere) throws IOException {
    String path = exchange.getRequestURI().toString();
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    String range = exchange.getRequestHeaders().getFirst("Range");
    seen.add(new Seen(elsewhere, path, range, authorization));
    try (exchange) {
      if (elsewhere) {
        send(exchange, bytes(large, path.substring(1)), range);
      } else if (!busy.isEmpty()) {
        exchange.sendResponseHeaders(busy.pop(), -1);
      } else if (token != null && !("Bearer " + token).equals(authorization)) {
        refuse(exchange, 401);
      } else {
        answer(exchange, path);
      }
    }
  }

  private void answer(HttpExchange exchange, String path) throws IOException {
    String resolve = "/o/m/resolve/" + COMMIT + "/";
    if (path.startsWith("/api/models/o/m/revision/")) {
      String revision = path.substring(path.lastIndexOf('/') + 1);
      if (!List.of("main", "v1%2F2", COMMIT).contains(revision)) {
        refusal = "RevisionNotFound";
        refuse(exchange, 404);
        return;
      }
      json(exchange, JsonObjects.emptyObject().put("sha", COMMIT).toString());
    } else if (path.startsWith("/api/models/o/m/tree/" + COMMIT)) {
      page(exchange, path);
    } else if (path.startsWith(resolve) && large.containsKey(path.substring(resolve.length()))) {
      String target = address(store) + "/" + path.substring(resolve.length());
      exchange.getResponseHeaders().set("Location", target);
      exchange.sendResponseHeaders(302, -1);
    } else if (path.startsWith(resolve)) {
      send(exchange, bytes(files, path.substring(resolve.length())), null);
    } else {
      refuse(exchange, 404);
    }
  }

  private static byte[] bytes(Map<String, byte[]> files, String path) throws IOException {
    byte[] bytes = files.get(path);
    if (bytes == null) {
      throw new IOException("no such file");
    }
    return bytes;
  }

  private void refuse(HttpExchange exchange, int status) throws IOException {
    exchange.getResponseHeaders().set("X-Error-Code", refusal);
    exchange.sendResponseHeaders(status, -1);
  }

  private void page(HttpExchange exchange, String path) throws IOException {
    int page = path.contains("&page=") ? Integer.parseInt(path.replaceFirst(".*&page=", "")) : 0;
    List<String> paths = List.copyOf(files.keySet());
    int end = Math.min(paths.size(), (page + 1) * PAGE);
    if (end < paths.size()) {
      String next = address(hub) + path.replaceFirst("&page=.*", "") + "&page=" + (page + 1);
      exchange.getResponseHeaders().set("Link", "<" + next + ">; rel=\"next\"");
    }
    ArrayNode entries = JsonObjects.STRICT.createArrayNode();
    entries.addObject().put("type", "directory").put("path", "folder").put("size", 0);
    paths.subList(page * PAGE, end).forEach(file -> describe(entries.addObject(), file));
    json(exchange, entries.toString());
  }

  private void describe(ObjectNode entry, String path) {
    byte[] bytes = files.getOrDefault(path, new byte[0]);
    long size = claimed.getOrDefault(path, (long) bytes.length);
    entry.put("type", "file").put("path", path).put("size", size).put("oid", git(bytes));
    if (large.containsKey(path)) {
      entry.putObject("lfs").put("oid", Sha256.of(bytes)).put("size", size);
    }
  }

  private static void json(HttpExchange exchange, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private void send(HttpExchange exchange, byte[] bytes, @Nullable String range)
      throws IOException {
    int first = 0;
    if (range != null && !ignoresRanges) {
      first = Integer.parseInt(range.replaceAll("\\D", ""));
      String part = "bytes " + first + "-" + (bytes.length - 1) + "/" + bytes.length;
      exchange.getResponseHeaders().set("Content-Range", part);
    }
    exchange.sendResponseHeaders(first > 0 ? 206 : 200, bytes.length - first);
    byte[] rest = Arrays.copyOfRange(bytes, first, bytes.length);
    OutputStream out = exchange.getResponseBody();
    Integer most = large.containsValue(bytes) ? breaks.poll() : null;
    out.write(rest, 0, most == null ? rest.length : Math.min(most, rest.length));
    out.flush();
    if (fallsSilent) {
      pause();
    }
    // Closing an exchange that owes bytes breaks the connection.
  }

  private static void pause() {
    try {
      Thread.sleep(Duration.ofSeconds(20));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  static String git(byte[] bytes) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-1");
      digest.update(("blob " + bytes.length + "\0").getBytes(StandardCharsets.US_ASCII));
      return HexFormat.of().formatHex(digest.digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    hub.stop(0);
    store.stop(0);
  }
}

package dev.lengthwise.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.JsonObjects;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What a hub is asked: which files a model has, and their bytes.
///
/// The paths are those of the hub's interface ("Hub API Endpoints" of its documentation):
/// `/api/models/ID/revision/REVISION`, `/api/models/ID/tree/COMMIT`, `/ID/resolve/COMMIT/PATH`.
final class HubClient implements AutoCloseable {

  private static final int MOST_FILES = 100_000;
  private static final int LARGEST_ANSWER = 64 << 20;
  private static final Pattern NEXT = Pattern.compile("<([^>]+)>\\s*;\\s*rel=\"?next\"?");

  private final URI endpoint;
  private final HubRequests requests;

  HubClient(HubSettings settings, Patience patience) {
    this.endpoint = settings.endpoint();
    this.requests = new HubRequests(settings, patience.silence());
  }

  /// The files of a model.
  ///
  /// @param revision branch, tag or commit
  /// @throws LengthwiseException when the hub refuses, or answers what is no listing
  /// @throws IOException when the hub cannot be reached, or has no time
  HubListing listing(String id, String revision) throws IOException {
    String what = "Model " + id + (revision.equals("main") ? "" : ", revision " + revision + ",");
    String commit =
        json(get(address("/api/models/" + id + "/revision/" + encoded(revision)), 0, what), what)
            .path("sha")
            .asText();
    List<HubFile> files = new ArrayList<>();
    Optional<URI> page =
        Optional.of(address("/api/models/" + id + "/tree/" + encoded(commit) + "?recursive=true"));
    while (page.isPresent()) {
      HttpResponse<InputStream> response = get(page.get(), 0, what);
      page = next(response);
      json(response, what).forEach(entry -> file(entry).ifPresent(files::add));
      if (files.size() > MOST_FILES) {
        throw new LengthwiseException(what + " has more than " + MOST_FILES + " files");
      }
    }
    return new HubListing(commit, files);
  }

  /// The bytes of a file from `first` on, as [HubRequests#get] has them.
  HttpResponse<InputStream> open(String id, String commit, HubFile file, long first)
      throws IOException {
    String path =
        Arrays.stream(file.path().split("/"))
            .map(HubClient::encoded)
            .collect(Collectors.joining("/"));
    return get(
        address("/" + id + "/resolve/" + commit + "/" + path),
        first,
        "File " + file.path() + " of " + id);
  }

  private HttpResponse<InputStream> get(URI address, long first, String what) throws IOException {
    return requests.get(address, first, what);
  }

  private URI address(String path) {
    return URI.create(endpoint + path);
  }

  private static String encoded(String part) {
    return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static Optional<URI> next(HttpResponse<InputStream> response) {
    return response.headers().allValues("Link").stream()
        .map(NEXT::matcher)
        .filter(Matcher::find)
        .map(link -> response.uri().resolve(link.group(1)))
        .findFirst();
  }

  // Folders are left out: each file has its whole path.
  private static Optional<HubFile> file(JsonNode entry) {
    if (!entry.path("type").asText().equals("file")) {
      return Optional.empty();
    }
    JsonNode large = entry.path("lfs");
    JsonNode content = large.isObject() ? large : entry;
    return Optional.of(
        new HubFile(
            entry.path("path").asText(),
            content.path("size").asLong(-1),
            content.path("oid").asText().replaceFirst("^sha256:", "")));
  }

  private static JsonNode json(HttpResponse<InputStream> response, String what) throws IOException {
    try (InputStream body = response.body()) {
      byte[] bytes = body.readNBytes(LARGEST_ANSWER);
      return JsonObjects.STRICT.readTree(bytes);
    } catch (JsonProcessingException e) {
      throw new LengthwiseException(
          "%s: the answer of %s is not JSON; check HF_ENDPOINT".formatted(what, response.uri()), e);
    }
  }

  @Override
  public void close() {
    requests.close();
  }
}

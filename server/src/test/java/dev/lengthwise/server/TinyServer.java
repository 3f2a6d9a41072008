package dev.lengthwise.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lengthwise.batch.BatchLimits;
import dev.lengthwise.chat.TemplateChoice;
import dev.lengthwise.runtime.ModelSettings;
import dev.lengthwise.runtime.OpenModel;
import dev.lengthwise.server.http.HttpSettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;

/// A server of a random model whose tokens are bytes, with a chat template, for tests.
final class TinyServer implements AutoCloseable {

  /// Most tokens of a text.
  static final int CONTEXT = 600;

  /// Most memory of the begins of prompts.
  static final long PREFIX_BYTES = 1 << 20;

  private static final long CACHE_BYTES = 1 << 20;

  /// Texts that run at once.
  static final int RUNNING = 4;

  private static final int HIDDEN = 32;
  private static final int INNER = 48;
  private static final int VOCABULARY = 3 + 256 + 1;
  private static final int TRAINED = 64;
  private static final String TEMPLATE =
      "{% if tools %}[{{ tools | length }}]{% endif %}"
          + "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}"
          + "{% if add_generation_prompt %}<assistant>{% endif %}";

  final Server server;
  private final OpenModel model;
  private final HttpClient client = HttpClient.newHttpClient();

  /// What those who run it are told.
  final List<String> notices;

  private TinyServer(OpenModel model, Server server, List<String> notices) {
    this.model = model;
    this.server = server;
    this.notices = notices;
  }

  static TinyServer start(Path folder) throws IOException {
    return start(folder, Optional.empty(), Duration.ofSeconds(60));
  }

  static TinyServer start(Path folder, Optional<String> key, Duration patience) throws IOException {
    return serve(write(folder), key, patience);
  }

  /// How a model is served.
  ///
  /// @param slots folder of saved slots; empty: none
  record Options(
      ModelSettings model, BatchLimits limits, Optional<Path> slots, TemplateChoice template) {

    /// Slots beside the model.
    static Options of(Path model) {
      return new Options(
          ModelSettings.DEFAULT.withThreads(2),
          limits(16, PREFIX_BYTES),
          Optional.ofNullable(model.toAbsolutePath().getParent()),
          TemplateChoice.OWN);
    }

    static BatchLimits limits(int chunk, long prefixBytes) {
      return new BatchLimits(
          RUNNING, 60, chunk, (long) CONTEXT * RUNNING, CACHE_BYTES, prefixBytes);
    }

    Options with(ModelSettings other) {
      return new Options(other, limits, slots, template);
    }

    Options with(BatchLimits other) {
      return new Options(model, other, slots, template);
    }

    Options withSlots(Optional<Path> other) {
      return new Options(model, limits, other, template);
    }

    Options with(TemplateChoice other) {
      return new Options(model, limits, slots, other);
    }
  }

  /// Serves another model.
  static TinyServer serve(Path path, Optional<String> key, Duration patience) {
    return serve(path, key, patience, Options.of(path));
  }

  /// Serves a model in another way.
  static TinyServer serve(Path path, Options options) {
    return serve(path, Optional.empty(), Duration.ofSeconds(60), options);
  }

  private static TinyServer serve(
      Path path, Optional<String> key, Duration patience, Options options) {
    OpenModel model = OpenModel.open(path, options.model(), _ -> {});
    HttpSettings http =
        new HttpSettings("127.0.0.1", 0, 1 << 20, 100, patience, List.of("http://page.example"));
    ServerSettings settings =
        new ServerSettings(
            http,
            key,
            "tiny",
            "declared",
            options.template(),
            CONTEXT,
            options.limits(),
            Duration.ofSeconds(60),
            Optional.of(path.resolveSibling("results")),
            options.slots());
    List<String> notices = new CopyOnWriteArrayList<>();
    return new TinyServer(model, Server.start(model, settings, notices::add), notices);
  }

  /// A llama2.c model of one layer with its tokenizer.
  static Path write(Path folder) throws IOException {
    Files.write(folder.resolve("tokenizer.bin"), tokenizer());
    Files.writeString(folder.resolve("chat_template.jinja"), TEMPLATE);
    int weights =
        VOCABULARY * HIDDEN
            + 3 * HIDDEN
            + 4 * HIDDEN * HIDDEN
            + 3 * HIDDEN * INNER
            + TRAINED * HIDDEN / 2;
    ByteBuffer buffer = ByteBuffer.allocate(7 * 4 + weights * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (int number : new int[] {HIDDEN, INNER, 1, 2, 2, VOCABULARY, TRAINED}) {
      buffer.putInt(number);
    }
    SplittableRandom random = new SplittableRandom(1);
    while (buffer.hasRemaining()) {
      buffer.putFloat((float) random.nextDouble(-0.5, 0.5));
    }
    return Files.write(folder.resolve("tiny.bin"), buffer.array());
  }

  private static byte[] tokenizer() {
    List<String> pieces = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
    for (int value = 0; value < 256; value++) {
      pieces.add("<0x%02X>".formatted(value));
    }
    pieces.add(" ");
    int bytes = 4 + pieces.stream().mapToInt(piece -> 8 + piece.length()).sum();
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putInt(6);
    for (String piece : pieces) {
      buffer.putFloat(0).putInt(piece.length()).put(piece.getBytes(StandardCharsets.UTF_8));
    }
    return buffer.array();
  }

  int port() {
    return server.port();
  }

  /// An answer.
  record Reply(int status, String body, java.net.http.HttpHeaders headers) {

    JsonNode json() {
      return TinyServer.json(body);
    }

    /// The events of a stream, without the last one.
    List<JsonNode> events() {
      return body.lines()
          .filter(line -> line.startsWith("data: ") && !line.endsWith("[DONE]"))
          .map(line -> TinyServer.json(line.substring("data: ".length())))
          .toList();
    }
  }

  static JsonNode json(String text) {
    try {
      return new JsonMapper().readTree(text);
    } catch (IOException e) {
      throw new IllegalStateException(text, e);
    }
  }

  Reply get(String path) throws IOException, InterruptedException {
    return send(request(path).GET());
  }

  Reply post(String path, String body) throws IOException, InterruptedException {
    return send(request(path).POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path));
  }

  Reply send(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpResponse<String> response =
        client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    return new Reply(response.statusCode(), response.body(), response.headers());
  }

  /// One number of `/metrics`.
  double metric(String name) throws IOException, InterruptedException {
    return get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow();
  }

  @Override
  public void close() {
    server.close();
    model.close();
    client.close();
  }
}

package dev.lengthwise.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lengthwise.attention.CacheType;
import dev.lengthwise.io.Sha256;
import dev.lengthwise.matrix.ActivationPrecision;
import dev.lengthwise.runtime.ModelSettings;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Slots that are saved, restored and erased, as llama.cpp's server has it.
@TestInstance(Lifecycle.PER_CLASS)
class SlotsTest {

  private static final int READ = 96; // tokens in whole chunks of 16, of 102
  private static final int MARK = 8; // bytes

  private Path folder;
  private TinyServer tiny;

  @BeforeAll
  void start(@TempDir Path temporary) throws IOException {
    folder = temporary;
    tiny = TinyServer.start(folder);
  }

  @AfterAll
  void stop() {
    tiny.close();
  }

  private static TinyServer.Reply complete(TinyServer server, String letter, String method)
      throws IOException, InterruptedException {
    return server.post(
        "/completions",
        "{\"prompt\": \"%s\", \"temperature\": 0, \"max_tokens\": 9, \"logprobs\": 1, \"position_method\": \"%s\"}"
            .formatted(letter.repeat(100), method));
  }

  // The text with the log-probabilities of its tokens.
  private static JsonNode scored(TinyServer.Reply reply) {
    return reply.json().path("choices");
  }

  private static int cached(TinyServer.Reply reply) {
    return Integer.parseInt(reply.headers().firstValue("X-Lengthwise-Cached-Tokens").orElseThrow());
  }

  private static TinyServer.Reply act(TinyServer server, String action, String file)
      throws IOException, InterruptedException {
    return server.post("/slots/0?action=" + action, "{\"filename\": \"" + file + "\"}");
  }

  private void save(String letter, String file) throws IOException, InterruptedException {
    complete(tiny, letter, "declared");
    assertThat(act(tiny, "save", file).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "declared",
        "rerope:window=8",
        "yarn:factor=4",
        "streaming-llm:sinks=4,window=32",
        "dynamic-ntk:factor=4"
      })
  void whatIsRestoredIsNotReadAgain(String method, @TempDir Path other)
      throws IOException, InterruptedException {
    JsonNode before = scored(complete(tiny, "a", method));
    JsonNode saved = act(tiny, "save", "a.slot").json();
    assertThat(saved.path("n_saved").asInt()).as(saved.toString()).isEqualTo(READ);
    Path file = folder.resolve("a.slot");
    assertThat(saved.path("n_written").asLong()).isEqualTo(Files.size(file));
    assertThat(saved.at("/timings/save_ms").asDouble()).isPositive();
    try (TinyServer later = TinyServer.start(other)) {
      Files.copy(file, other.resolve("a.slot"));
      JsonNode restored = act(later, "restore", "a.slot").json();
      assertThat(restored.path("n_restored").asInt()).as(restored.toString()).isEqualTo(READ);
      assertThat(restored.path("n_read").asLong()).isEqualTo(Files.size(file));
      TinyServer.Reply reply = complete(later, "a", method);
      assertThat(cached(reply)).isEqualTo(READ);
      assertThat(scored(reply)).as("the same bits").isEqualTo(before);
    }
  }

  @Test
  void anErasedSlotIsReadAgain() throws IOException, InterruptedException {
    complete(tiny, "e", "declared");
    assertThat(cached(complete(tiny, "e", "declared"))).isEqualTo(READ);
    assertThat(act(tiny, "erase", "").json().path("n_erased").asInt()).isEqualTo(READ);
    assertThat(cached(complete(tiny, "e", "declared"))).isZero();
    act(tiny, "erase", "");
    assertThat(act(tiny, "save", "none").status()).as("nothing to save").isEqualTo(400);
  }

  @Test
  void whatIsDamagedIsRefusedAndTheServerGoesOn() throws IOException, InterruptedException {
    save("d", "d.slot");
    byte[] whole = Files.readAllBytes(folder.resolve("d.slot"));
    byte[] changed = whole.clone();
    changed[whole.length / 2] ^= 1;
    refused(changed, "checksum");
    refused(Arrays.copyOf(whole, whole.length - 7), "checksum");
    refused(Arrays.copyOf(whole, 5), "too short");
    refused(new byte[500], "does not begin");
    refused(withTokens(whole, TinyServer.CONTEXT + 1), "601 tokens");
    refused(withTokens(whole, 17), "damaged");
    refused(withTokens(whole, TinyServer.CONTEXT), READ + " of which were read");
    assertThat(complete(tiny, "d", "declared").status()).isEqualTo(200);
    assertThat(act(tiny, "restore", "d.slot").status()).isEqualTo(200);
    assertThat(act(tiny, "restore", "absent").status()).isEqualTo(400);
  }

  private void refused(byte[] content, String why) throws IOException, InterruptedException {
    Files.write(folder.resolve("bad"), content);
    TinyServer.Reply reply = act(tiny, "restore", "bad");
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.body()).contains(why);
  }

  // Says another number of tokens, with a checksum that is right.
  private static byte[] withTokens(byte[] file, int tokens) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(file));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.write(in.readNBytes(MARK));
    int header = in.readInt();
    out.writeInt(header);
    out.write(in.readNBytes(header));
    int[] ids = new int[in.readInt()];
    for (int at = 0; at < ids.length; at++) {
      ids[at] = in.readInt();
    }
    out.writeInt(tokens);
    for (int at = 0; at < tokens; at++) {
      out.writeInt(ids[at % ids.length]);
    }
    byte[] rest = in.readAllBytes();
    out.write(rest, 0, rest.length - 32);
    out.write(Sha256.digest().digest(bytes.toByteArray()));
    return bytes.toByteArray();
  }

  @Test
  void anotherModelIsRefused(@TempDir Path other) throws IOException, InterruptedException {
    save("o", "o.slot");
    for (String name : new String[] {"tokenizer.bin", "chat_template.jinja", "o.slot"}) {
      Files.copy(folder.resolve(name), other.resolve(name));
    }
    byte[] weights = Files.readAllBytes(folder.resolve("tiny.bin"));
    weights[weights.length / 2] ^= 1;
    Path model = Files.write(other.resolve("tiny.bin"), weights);
    try (TinyServer another = TinyServer.serve(model, Optional.empty(), Duration.ofSeconds(60))) {
      TinyServer.Reply reply = act(another, "restore", "o.slot");
      assertThat(reply.status()).isEqualTo(400);
      assertThat(reply.body()).contains("o.slot was saved with another model");
    }
  }

  @Test
  void anotherNumberInTheConfigurationIsRefused(@TempDir Path other)
      throws IOException, InterruptedException {
    Path family = Path.of("../core/src/test/resources/families/hf/minicpm");
    Path model = Files.createDirectory(other.resolve("model"));
    Files.copy(family.resolve("model.safetensors"), model.resolve("model.safetensors"));
    String config = Files.readString(family.resolve("config.json"));
    TinyServer.Options options =
        TinyServer.Options.of(model).withSlots(Optional.of(other)); // beside the model
    Files.writeString(model.resolve("config.json"), config);
    try (TinyServer first = TinyServer.serve(model, options)) {
      String prompt = "{\"prompt\": [%s1], \"max_tokens\": 1}".formatted("5, 9, ".repeat(50));
      assertThat(first.post("/completions", prompt).status()).isEqualTo(200);
      assertThat(act(first, "save", "m.slot").status()).isEqualTo(200);
      assertThat(act(first, "restore", "m.slot").status()).isEqualTo(200);
    }
    Files.writeString(
        model.resolve("config.json"),
        config.replace("\"rms_norm_eps\": 0.004", "\"rms_norm_eps\": 0.005"));
    try (TinyServer second = TinyServer.serve(model, options)) {
      TinyServer.Reply reply = act(second, "restore", "m.slot");
      assertThat(reply.status()).isEqualTo(400);
      assertThat(reply.body()).contains("m.slot was saved with another configuration");
    }
  }

  @Test
  void whatWasComputedOtherwiseIsRefused(@TempDir Path other)
      throws IOException, InterruptedException {
    save("w", "w.slot");
    Path model = TinyServer.write(other);
    Files.copy(folder.resolve("w.slot"), other.resolve("w.slot"));
    TinyServer.Options usual = TinyServer.Options.of(model);
    refusedUnder(usual.with(usual.model().withCacheType(CacheType.Q8_0)), "--cache-type", model);
    refusedUnder(usual.with(usual.model().withTrainedLength(32)), "configuration", model);
    refusedUnder(
        usual.with(usual.model().withActivations(ActivationPrecision.Q8)), "arithmetic", model);
    refusedUnder(
        usual.with(TinyServer.Options.limits(32, TinyServer.PREFIX_BYTES)), "--batch-size", model);
    refusedUnder(usual.with(TinyServer.Options.limits(16, 1000)), "--prefix-cache", model);
  }

  private static void refusedUnder(TinyServer.Options options, String why, Path model)
      throws IOException, InterruptedException {
    try (TinyServer server = TinyServer.serve(model, options)) {
      TinyServer.Reply reply = act(server, "restore", "w.slot");
      assertThat(reply.status()).as(reply.body()).isEqualTo(400);
      assertThat(reply.body()).contains(why).contains("w.slot");
    }
  }

  @Test
  void theEngineOfLibtorchSavesNothing(@TempDir Path other)
      throws IOException, InterruptedException {
    Path model = TinyServer.write(other);
    TinyServer.Options usual = TinyServer.Options.of(model);
    try (TinyServer server = TinyServer.serve(model, usual.with(torch(usual.model())))) {
      complete(server, "t", "declared");
      TinyServer.Reply reply = act(server, "save", "t.slot");
      assertThat(reply.status()).isEqualTo(400);
      assertThat(reply.body()).contains("vector engine");
      assertThat(other.resolve("t.slot")).doesNotExist();
    }
  }

  private static ModelSettings torch(ModelSettings settings) {
    return new ModelSettings(
        settings.revision(),
        settings.trainedLength(),
        settings.threads(),
        settings.arithmetic(),
        settings.repacked(),
        settings.activations(),
        settings.cacheType(),
        settings.device(),
        ModelSettings.Engine.TORCH);
  }

  @Test
  void withoutAFolderNothingIsSaved(@TempDir Path other) throws IOException, InterruptedException {
    Path model = TinyServer.write(other);
    TinyServer.Options options = TinyServer.Options.of(model).withSlots(Optional.empty());
    try (TinyServer server = TinyServer.serve(model, options)) {
      TinyServer.Reply reply = act(server, "save", "n.slot");
      assertThat(reply.status()).isEqualTo(501);
      assertThat(reply.body()).contains("--slot-save-path");
    }
  }

  @Test
  void otherFilesOfTheFolderStayAsTheyAre() throws IOException, InterruptedException {
    complete(tiny, "f", "declared");
    byte[] weights = Files.readAllBytes(folder.resolve("tiny.bin"));
    assertThat(act(tiny, "save", "tiny.bin").status()).isEqualTo(400);
    assertThat(folder.resolve("tiny.bin")).hasBinaryContent(weights);
    Files.createDirectory(folder.resolve("below"));
    assertThat(act(tiny, "save", "below").status()).isEqualTo(400);
    save("f", "f.slot");
    byte[] first = Files.readAllBytes(folder.resolve("f.slot"));
    save("g", "f.slot");
    assertThat(Files.readAllBytes(folder.resolve("f.slot")))
        .as("a slot takes the place of another")
        .isNotEqualTo(first);
  }

  @Test
  void aPlaceThatCannotBeWrittenIsAFailureOfTheServer(@TempDir Path other)
      throws IOException, InterruptedException {
    Path model = TinyServer.write(other);
    Path file = Files.writeString(other.resolve("file"), "a file where the folder was");
    TinyServer.Options options = TinyServer.Options.of(model).withSlots(Optional.of(file));
    try (TinyServer server = TinyServer.serve(model, options)) {
      complete(server, "u", "declared");
      TinyServer.Reply reply = act(server, "save", "u.slot");
      assertThat(reply.status()).as(reply.body()).isEqualTo(500);
      assertThat(reply.json().at("/error/type").asText()).isEqualTo("server_error");
      assertThat(reply.json().at("/error/message").asText())
          .isEqualTo("The slot u.slot cannot be written");
      assertThat(server.notices)
          .singleElement(InstanceOfAssertFactories.STRING)
          .contains("The slot u.slot cannot be written", file.toString());
    }
  }

  @Test
  void aServerThatStopsSaysSo(@TempDir Path other) throws IOException, InterruptedException {
    try (TinyServer server = TinyServer.start(other);
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.getOutputStream().write("GET /health HTTP/1.1\r\n\r\n".getBytes(US_ASCII));
      assertThat(socket.getInputStream().read()).as("it is connected").isEqualTo('H');
      server.server.stop(Duration.ZERO);
      String request = "POST /slots/0?action=erase HTTP/1.1\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(US_ASCII));
      assertThat(new String(socket.getInputStream().readAllBytes(), US_ASCII))
          .contains("HTTP/1.1 503 ", "server_error", "The server stops");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "../tiny.bin", "/etc/passwd", ".hidden", "a/b", "a\\\\b", "\\u0000"})
  void namesAreNoPaths(String name) throws IOException, InterruptedException {
    for (String action : new String[] {"save", "restore"}) {
      TinyServer.Reply reply = act(tiny, action, name);
      assertThat(reply.status()).isEqualTo(400);
      assertThat(reply.json().at("/error/param").asText()).isEqualTo("filename");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/slots/4?action=erase", "/slots/x?action=erase", "/slots/0", "/slots/0?action=%"})
  void otherSlotsAndActionsAreRefused(String path) throws IOException, InterruptedException {
    TinyServer.Reply reply =
        tiny.send(
            tiny.request(path.replace("%", "%25")).POST(HttpRequest.BodyPublishers.ofString("{}")));
    assertThat(reply.status()).isEqualTo(400);
  }
}

package dev.lengthwise.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A pull from a hub on loopback. `layout.txt` is what npm `@huggingface/hub` makes of the same
/// files (`tools/hub-layout.mjs`).
class HubPullTest {

  private static final HubName NAME = new HubName("o/m", Optional.empty());
  private static final Patience SHORT =
      new Patience(3, Duration.ofMillis(1), Duration.ofSeconds(5));
  private static final byte[] WEIGHTS = "weights ".repeat(1000).getBytes(StandardCharsets.UTF_8);

  @TempDir private Path cache;
  private FakeHub hub;

  @BeforeEach
  void start() throws IOException {
    hub =
        new FakeHub()
            .file("config.json", "{\"model_type\":\"llama\"}\n")
            .large("model.safetensors", WEIGHTS)
            .file("tokenizer.json", "{}")
            .file("1_Pooling/config.json", "{\"pooling_mode_mean_tokens\":true}");
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  private Path pull(HubSettings settings, String name, String revision) {
    return new HubPull(settings, SHORT, (_, _, _) -> {})
        .pull(HubName.parse(name).orElseThrow(), Optional.of(revision));
  }

  private Path pull() {
    return pull(hub.settings(cache), "o/m", "main");
  }

  private List<String> layout() throws IOException {
    try (Stream<Path> files = Files.walk(cache)) {
      return files
          .filter(path -> Files.isSymbolicLink(path) || Files.isRegularFile(path))
          .map(this::line)
          .sorted()
          .toList();
    }
  }

  private String line(Path path) {
    try {
      String name = cache.relativize(path).toString();
      return Files.isSymbolicLink(path)
          ? name + " -> " + Files.readSymbolicLink(path)
          : name + " " + Sha256.of(Files.readAllBytes(path));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static List<String> expectedLayout() throws IOException {
    try (var in = HubPullTest.class.getResourceAsStream("/hub/layout.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  @Test
  void theCacheIsWhatHuggingFacesOwnClientMakes() throws IOException {
    Path model = pull();

    assertThat(layout()).isEqualTo(expectedLayout());
    assertThat(model.resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    assertThat(new HubCache(cache).find(NAME, Optional.empty())).contains(model);
  }

  @Test
  void whatIsThereIsNotFetchedAgain() {
    pull();
    hub.seen.clear();
    pull();

    assertThat(hub.seen).noneMatch(seen -> seen.path().contains("/resolve/"));
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "3", "4", "5", "6", "7", "8"})
  void aPullThatBreaksAtRandomBytesEndsByteEqual(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    int left = WEIGHTS.length;
    for (int stop = 0; stop < 6 && left > 1; stop++) {
      int part = random.nextInt(1, left);
      hub.breaks.add(part);
      left -= part;
    }
    pull();

    assertThat(layout()).isEqualTo(expectedLayout());
    assertThat(hub.transfers()).hasSizeGreaterThan(1);
    assertThat(hub.transfers().getLast().range()).startsWith("bytes=");
  }

  @Test
  void aPullThatWasGivenUpGoesOnWhereItStopped() throws IOException {
    hub.breaks.addAll(List.of(1000, 0, 0, 0, 0));
    assertThatThrownBy(this::pull)
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll("model.safetensors of o/m", "did not come whole", "goes on");
    assertThat(cache.resolve("models--o--m/refs/main")).doesNotExist();
    hub.breaks.clear();
    hub.seen.clear();
    pull();

    assertThat(hub.transfers()).extracting(FakeHub.Seen::range).containsExactly("bytes=1000-");
    assertThat(layout()).isEqualTo(expectedLayout());
  }

  @Test
  void aStoreWithoutRangesIsReadFromTheStart() throws IOException {
    hub.ignoresRanges = true;
    hub.breaks.add(500);
    pull();

    assertThat(layout()).isEqualTo(expectedLayout());
  }

  @Test
  void bytesOfAnotherFileAreFoundByTheirChecksumAndFetchedAnew() throws IOException {
    Path blobs = Files.createDirectories(cache.resolve("models--o--m/blobs"));
    Files.write(blobs.resolve(Sha256.of(WEIGHTS) + ".incomplete"), new byte[700]);
    pull();

    assertThat(layout()).isEqualTo(expectedLayout());
  }

  @Test
  void aConnectionThatFallsSilentIsGivenUp() {
    hub.fallsSilent = true;
    hub.breaks.addAll(List.of(10, 0, 0, 0));
    Patience impatient = new Patience(2, Duration.ofMillis(1), Duration.ofMillis(200));
    assertThatThrownBy(
            () ->
                new HubPull(hub.settings(cache), impatient, (_, _, _) -> {})
                    .pull(NAME, Optional.empty()))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("did not come whole");
  }

  @Test
  void aBusyHubIsAskedAgain() throws IOException {
    hub.busy.addAll(List.of(503, 429));
    pull();

    assertThat(layout()).isEqualTo(expectedLayout());
  }

  @Test
  void theTokenIsForTheHubAlone() {
    hub.token = "hf_secret";
    HubSettings open = hub.settings(cache);
    pull(new HubSettings(open.endpoint(), cache, Optional.of("hf_secret"), false), "o/m", "main");

    assertThat(hub.transfers()).isNotEmpty().allMatch(seen -> seen.authorization() == null);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GatedRepo | is gated: accept its terms",
        "RepoNotFound | not for you (status 401)",
      })
  void whatAStrangerMayNotHaveIsSaid(String code, String sentence) {
    hub.token = "hf_secret";
    hub.refusal = code;
    assertThatThrownBy(this::pull)
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll("Model o/m", sentence, "HF_TOKEN");
  }

  @Test
  void aRevisionIsABranchATagOrACommit() throws IOException {
    pull(hub.settings(cache), "o/m", "v1/2");
    assertThat(cache.resolve("models--o--m/refs/v1/2")).hasContent(FakeHub.COMMIT);

    assertThat(pull(hub.settings(cache), "o/m", FakeHub.COMMIT)).isDirectory();
    assertThat(cache.resolve("models--o--m/refs/" + FakeHub.COMMIT)).doesNotExist();

    assertThatThrownBy(() -> pull(hub.settings(cache), "o/m", "v9"))
        .hasMessageContainingAll("revision v9", "no such revision");
  }

  @Test
  void aNameThatDoesNotExistIsSaid() {
    assertThatThrownBy(() -> pull(hub.settings(cache), "o/other", "main"))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll("Model o/other", "check its name");
  }

  @Test
  void offlineTouchesNoNetwork() throws IOException {
    HubSettings offline = hub.settings(cache).withoutNetwork();
    assertThatThrownBy(() -> pull(offline, "o/m", "main"))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll("o/m is not in the hub cache", "HF_HUB_OFFLINE");
    assertThat(hub.seen).isEmpty();

    Path model = pull();
    hub.seen.clear();
    assertThat(pull(offline, "o/m", "main")).isEqualTo(model);
    Files.delete(model.resolve("config.json").toRealPath());
    assertThatThrownBy(() -> pull(offline, "o/m", "main"))
        .hasMessageContainingAll("only in part", "config.json is missing");
    assertThat(hub.seen).isEmpty();
  }

  @Test
  void aFileLargerThanTheDiskIsRefusedBeforeAnythingIsFetched() {
    hub.claimed("model-2.safetensors", 1L << 61).claimed("model.safetensors", 1L << 61);
    assertThatThrownBy(this::pull)
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll("o/m needs 2305843009.2 GB more", "HF_HUB_CACHE");
    assertThat(hub.transfers()).isEmpty();
  }

  @Test
  void shardsComeWithTheirIndexAndAMissingOneIsNamed() throws IOException {
    try (FakeHub sharded = new FakeHub()) {
      sharded
          .file("config.json", "{}")
          .file(
              "model.safetensors.index.json",
              """
              {"weight_map": {"a": "model-00001-of-00002.safetensors",
                              "b": "model-00002-of-00002.safetensors"}}\
              """)
          .large("consolidated.safetensors", new byte[] {0})
          .large("pytorch_model.bin", new byte[] {1})
          .large("model-00001-of-00002.safetensors", new byte[] {2})
          .large("model-00002-of-00002.safetensors", new byte[] {3});
      Path model = pull(sharded.settings(cache), "o/m", "main");
      try (Stream<Path> files = Files.list(model)) {
        assertThat(files.map(file -> file.getFileName().toString()))
            .containsExactlyInAnyOrder(
                "config.json",
                "model.safetensors.index.json",
                "model-00001-of-00002.safetensors",
                "model-00002-of-00002.safetensors");
      }
      Files.delete(model.resolve("model-00002-of-00002.safetensors"));
      assertThatThrownBy(() -> new HubCache(cache).find(NAME, Optional.empty()))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContainingAll("00002-of-00002.safetensors is missing", "lengthwise pull o/m");
    }
  }

  @Test
  void aQuantisationNamesAGgufFile() throws IOException {
    try (FakeHub ggufs = new FakeHub()) {
      ggufs
          .file("README.md", "text")
          .large("m-Q4_K.gguf", new byte[] {1})
          .large("m-Q4_K_M.gguf", new byte[] {2})
          .large("q8/m-Q8_0-00001-of-00002.gguf", new byte[] {3})
          .large("q8/m-Q8_0-00002-of-00002.gguf", new byte[] {4})
          .large("mmproj-F16.gguf", new byte[] {5});
      HubSettings settings = ggufs.settings(cache);
      assertThat(pull(settings, "o/m", "main")).hasFileName("m-Q4_K_M.gguf");
      assertThat(pull(settings, "o/m:q4_k", "main")).hasFileName("m-Q4_K.gguf");
      Path parts = pull(settings, "o/m:Q8_0", "main");
      assertThat(parts).hasFileName("m-Q8_0-00001-of-00002.gguf");
      assertThat(parts.resolveSibling("m-Q8_0-00002-of-00002.gguf"))
          .hasBinaryContent(new byte[] {4});
      assertThatThrownBy(() -> pull(settings, "o/m:Q5_0", "main"))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContainingAll("no GGUF file named 'Q5_0'", "m-Q4_K.gguf", "q8/m-Q8_0.gguf");
    }
  }

  @Test
  void aModelWithoutReadableWeightsIsRefused() throws IOException {
    try (FakeHub pickled = new FakeHub()) {
      pickled.file("config.json", "{}").large("pytorch_model.bin", new byte[] {1});
      assertThatThrownBy(() -> pull(pickled.settings(cache), "o/m", "main"))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContainingAll("no weights in safetensors or GGUF", "pytorch_model.bin");
      assertThat(pickled.transfers()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"../../escaped.json", "/etc/escaped.json", "a/../../b.json", "a//b.json", "."})
  void aPathThatLeadsOutOfTheCacheIsRefused(String path) {
    hub.file(path, "evil");
    assertThatThrownBy(this::pull)
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll(path, "cannot be kept");
  }

  /// As every other command, which takes the only snapshot where the cache has no references.
  @Test
  void offlineTheOnlySnapshotIsTheModel() throws IOException {
    Path path = pull();
    Files.delete(cache.resolve("models--o--m/refs/main"));
    HubPull offline = new HubPull(hub.settings(cache).withoutNetwork(), SHORT, (_, _, _) -> {});
    assertThat(offline.pull(NAME, Optional.empty())).isEqualTo(path);
    assertThatThrownBy(() -> offline.pull(NAME, Optional.of("main")))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("no revision 'main'");
  }

  @Test
  void progressEndsAtTheSizeOfEachFile() {
    var last = new java.util.HashMap<String, Long>();
    new HubPull(hub.settings(cache), SHORT, (path, done, _) -> last.put(path, done))
        .pull(NAME, Optional.empty());

    assertThat(last).hasSize(4).containsEntry("model.safetensors", (long) WEIGHTS.length);
  }
}

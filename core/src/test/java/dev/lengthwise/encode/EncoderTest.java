package dev.lengthwise.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.attention.vector.VectorAttention;
import dev.lengthwise.family.LoadedModel;
import dev.lengthwise.family.ModelLoader;
import dev.lengthwise.family.TokenizerFinder;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.generate.WholeText;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Nope;
import dev.lengthwise.method.Rope;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.position.MethodReader;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.tokenizer.open.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Folders that sentence-transformers wrote, with the vectors that it made in float64
/// (tools/encoder-fixtures.py): `mean` is a BERT with WordPiece, a dense layer and a norm, `last` a
/// decoder whose last token counts.
class EncoderTest {

  private static final Path FOLDER = Path.of("src/test/resources/families/sentences");
  private static final double TOLERANCE = 2e-5;
  private static final Workers WORKERS = new Workers(1);
  private static final MethodReader METHODS =
      (value, shape) ->
          new MethodParser(shape, shape.hasRotary() ? new Rope() : new Nope()).method(value);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"mean", "last"})
  void vectorsAreThoseOfSentenceTransformers(String name) {
    JsonNode fixture = fixture(name);
    List<String> texts = texts(fixture);
    try (Opened opened = open(name)) {
      Encoder encoder = opened.encoder();
      assertVectors(encoder.encode(texts), fixture.get("vectors"));
      String prompt = encoder.recipe().prompt(Optional.of("query"));
      assertVectors(encoder.encode(texts, prompt), fixture.get("prompted"));
      assertThat(encoder.encode(texts.getFirst())).hasSize(encoder.size());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mean", "last"})
  void idsAreThoseOfTheLibrary(String name) {
    JsonNode fixture = fixture(name);
    List<String> texts = texts(fixture);
    try (Opened opened = open(name)) {
      Encoder encoder = opened.encoder();
      for (int n = 0; n < texts.size(); n++) {
        assertThat(encoder.ids(texts.get(n))).containsExactly(ints(fixture.get("ids").get(n)));
      }
    }
  }

  @Test
  void aListOfPiecesIsTheSameTokenizerAsItsJson() {
    JsonNode fixture = fixture("mean");
    Tokenizer lines = Tokenizers.open(FOLDER.resolve("mean/vocab.txt"));
    Tokenizer json = Tokenizers.open(FOLDER.resolve("mean/tokenizer.json"));
    for (String text : texts(fixture)) {
      assertThat(lines.encodeWhole(text)).isEqualTo(json.encodeWhole(text));
      assertThat(lines.decode(lines.encode(text))).isEqualTo(json.decode(json.encode(text)));
    }
    assertThat(json.decode(json.encode("The dog jumps over"))).isEqualTo("the dog jumps over");
  }

  @Test
  void twoTextsReadTogetherHaveTheIdsAndTypesOfTheLibrary() {
    JsonNode fixture = fixture("mean");
    List<String> texts = texts(fixture);
    try (LoadedModel model = ModelLoader.load(FOLDER.resolve("mean"), METHODS, null, WORKERS)) {
      Tokenizer tokenizer = TokenizerFinder.of(model);
      WholeText pair = PairText.of(tokenizer, model.spec(), texts.get(0), texts.get(1), 32);
      assertThat(pair.ids()).containsExactly(ints(fixture.get("pairs").get(0)));
      assertThat(pair.types()).containsExactly(ints(fixture.get("pairs").get(1)));
      WholeText cut = PairText.of(tokenizer, model.spec(), "fox ".repeat(30), "dog", 12);
      assertThat(cut.ids()).hasSize(12);
      assertThat(cut.ids()[11]).isEqualTo(tokenizer.endOfText().orElseThrow());
      assertThat(cut.types()).endsWith(0, 1, 1);
    }
  }

  @Test
  void onePartOfATextIsItsVectorAndPartsKnowOneAnother() {
    try (Opened opened = open("mean")) {
      Encoder encoder = opened.encoder();
      String text = "the quick fox jumps over the lazy dog";
      int tokens = encoder.ids(text).length;
      assertThat(encoder.encodeParts(text, tokens).getFirst())
          .containsExactly(encoder.encode(text), within(1e-5f));
      List<float[]> parts = encoder.encodeParts(text, 4);
      assertThat(parts).hasSize(Math.ceilDiv(tokens, 4));
      List<float[]> other = encoder.encodeParts(text + " plays", 4);
      assertThat(other.getFirst()).isNotEqualTo(parts.getFirst());
    }
  }

  @Test
  void threadsGetTheVectorsOfTheirTexts() throws Exception {
    List<String> texts = texts(fixture("mean"));
    try (Opened opened = open("mean");
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      Encoder encoder = opened.encoder();
      List<float[]> alone = texts.stream().map(encoder::encode).toList();
      List<Callable<List<float[]>>> jobs = new ArrayList<>();
      for (int job = 0; job < 8; job++) {
        jobs.add(() -> encoder.encode(texts));
      }
      for (Future<List<float[]>> result : threads.invokeAll(jobs)) {
        for (int n = 0; n < texts.size(); n++) {
          assertThat(result.get().get(n)).containsExactly(alone.get(n), within(1e-5f));
        }
      }
    }
  }

  @Test
  void aTextThatIsTooLongIsRefusedWithBothNumbers() {
    try (Opened opened = open("mean")) {
      Encoder encoder = opened.encoder();
      assertThat(encoder.longest()).isEqualTo(32);
      assertThatThrownBy(() -> encoder.encode("fox ".repeat(40)))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContainingAll("42 tokens", "reads 32");
    }
  }

  @Test
  void unknownPromptsAndModulesAreNamed() throws IOException {
    try (Opened opened = open("mean")) {
      Encoder encoder = opened.encoder();
      assertThatThrownBy(() -> encoder.recipe().prompt(Optional.of("title")))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContainingAll("'title'", "document, passage, query");
    }
    Files.writeString(
        folder.resolve("modules.json"),
        """
        [{"idx": 0, "path": "", "type": "sentence_transformers.models.Transformer"},
         {"idx": 1, "path": "1_LSTM", "type": "sentence_transformers.models.LSTM"}]
        """);
    assertThatThrownBy(() -> EncoderFolder.of(folder).orElseThrow().recipe())
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll("LSTM", "Pooling, Dense and Normalize");
  }

  @Test
  void flagsOfOlderFoldersChooseThePooling() throws IOException {
    Path pooling = Files.createDirectory(folder.resolve("1_Pooling"));
    Files.writeString(
        folder.resolve("modules.json"),
        """
        [{"idx": 0, "path": "0_T", "type": "sentence_transformers.models.Transformer"},
         {"idx": 1, "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]
        """);
    Files.writeString(
        pooling.resolve("config.json"),
        """
        {"word_embedding_dimension": 8, "pooling_mode_cls_token": true,
         "pooling_mode_mean_tokens": false}
        """);
    EncoderFolder read = EncoderFolder.of(folder).orElseThrow();
    assertThat(read.transformer()).isEqualTo(folder.resolve("0_T"));
    assertThat(read.recipe().pooling()).isEqualTo(Pooling.CLS);
    Files.writeString(
        pooling.resolve("config.json"), "{\"pooling_mode_mean_sqrt_len_tokens\": true}");
    assertThatThrownBy(read::recipe)
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("cls, mean, max and lasttoken");
  }

  private record Opened(LoadedModel model, Encoder encoder) implements AutoCloseable {
    @Override
    public void close() {
      model.close();
    }
  }

  private static Opened open(String name) {
    Path path = FOLDER.resolve(name);
    LoadedModel loaded = ModelLoader.load(Recipes.weightsOf(path), METHODS, null, WORKERS);
    ModelSpec spec = loaded.spec();
    InferenceModel model =
        new InferenceModel(
            loaded.decoder(),
            new PlanFunction(spec.shape(), spec.declared(), spec.declared()),
            spec.isBidirectional() ? new TorchAttention() : new VectorAttention(WORKERS));
    return new Opened(
        loaded,
        new Encoder(
            model,
            TokenizerFinder.of(loaded),
            Recipes.of(path, spec, loaded.checkpoint()),
            Encoder.Excess.REFUSED));
  }

  private static JsonNode fixture(String name) {
    try {
      return new ObjectMapper().readTree(FOLDER.resolve(name + ".json").toFile());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static List<String> texts(JsonNode fixture) {
    return IntStream.range(0, fixture.get("texts").size())
        .mapToObj(n -> fixture.get("texts").get(n).asText())
        .toList();
  }

  private static int[] ints(JsonNode list) {
    return IntStream.range(0, list.size()).map(n -> list.get(n).asInt()).toArray();
  }

  private static void assertVectors(List<float[]> vectors, JsonNode expected) {
    for (int n = 0; n < vectors.size(); n++) {
      float[] vector = vectors.get(n);
      assertThat(vector).hasSize(expected.get(n).size());
      for (int number = 0; number < vector.length; number++) {
        assertThat((double) vector[number])
            .as("text %d, number %d", n, number)
            .isCloseTo(expected.get(n).get(number).asDouble(), within(TOLERANCE));
      }
    }
  }
}

package dev.lengthwise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lengthwise.runtime.ModelSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Vectors through the library, beside those of sentence-transformers (tools/encoder-fixtures.py):
/// `mean` is an encoder, `last` a decoder whose last token counts.
class EmbedderTest {

  private static final Path FOLDER = Path.of("src/test/resources/families/sentences");

  private static Model open(String name) {
    return Model.open(FOLDER.resolve(name), ModelSettings.DEFAULT.withThreads(1), _ -> {});
  }

  @ParameterizedTest
  @ValueSource(strings = {"mean", "last"})
  void vectorsAreThoseOfSentenceTransformers(String name) throws IOException {
    JsonNode fixture = new ObjectMapper().readTree(FOLDER.resolve(name + ".json").toFile());
    List<String> texts = new ArrayList<>();
    fixture.get("texts").forEach(text -> texts.add(text.asText()));
    try (Model model = open(name)) {
      Embedder embedder = model.embedder();
      assertVectors(embedder.embed(texts), fixture.get("vectors"));
      assertVectors(embedder.embed(texts, embedder.prompt("query")), fixture.get("prompted"));
      EmbeddedText first = embedder.embed(texts.getFirst());
      assertThat(first.vector()).hasSize(embedder.size());
      assertThat(first.tokens()).isEqualTo(fixture.get("ids").get(0).size());
      assertThat(first.cosine(first)).isCloseTo(1, within(1e-12));
    }
  }

  private static void assertVectors(List<EmbeddedText> found, JsonNode expected) {
    assertThat(found).hasSize(expected.size());
    for (int text = 0; text < found.size(); text++) {
      float[] vector = found.get(text).vector();
      assertThat(vector).hasSize(expected.get(text).size());
      for (int n = 0; n < vector.length; n++) {
        assertThat((double) vector[n])
            .isCloseTo(expected.get(text).get(n).asDouble(), within(2e-5));
      }
    }
  }

  @Test
  void longTextsAreRefusedOrCutAsOneWishes() {
    try (Model model = open("mean")) {
      Embedder embedder = model.embedder();
      String text = "fox ".repeat(40);
      assertThatThrownBy(() -> embedder.embed(text))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContainingAll("42 tokens", "reads 32");
      assertThat(embedder.truncating().embed(text).tokens()).isEqualTo(32);
      assertThatThrownBy(() -> model.session())
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContaining("bidirectional");
    }
  }

  /// Dividing positions by 1 changes none of them, but is a method that was chosen, which may reach
  /// beyond the trained 256 tokens.
  @Test
  void readingOnIsWhatAChosenMethodWithoutEffectReads() {
    String text = "fox dog ".repeat(160);
    try (Model model = open("last")) {
      Embedder embedder = model.embedder();
      assertThat(embedder.longest()).isEqualTo(256);
      EmbeddedText read = embedder.pastTrainedLength().embed(text);
      EmbeddedText chosen = model.with("linear:factor=1").embedder().embed(text);
      assertThat(read.tokens()).isEqualTo(chosen.tokens()).isGreaterThan(256);
      assertThat(read.vector()).containsExactly(chosen.vector(), within(1e-6f));
      assertThat(read.cosine(embedder.truncating().embed(text))).isLessThan(0.9999);
    }
  }

  @Test
  void readingOnEndsWithTheLearnedPlaces() {
    try (Model model = open("mean")) {
      Embedder embedder = model.embedder().pastTrainedLength();
      assertThat(embedder.longest()).isEqualTo(40);
      assertThat(embedder.embed("fox ".repeat(38)).tokens()).isEqualTo(40);
      assertThatThrownBy(() -> embedder.embed("fox ".repeat(39)))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContainingAll("41 tokens", "reads 40");
    }
  }

  @Test
  void aDecoderThatNobodyMadeForThisEmbedsWithItsLastToken(@TempDir Path folder) {
    try (Model model = TinyChatModel.open(TinyChatModel.write(folder))) {
      EmbeddedText plain = model.embedder().embed("abc");
      EmbeddedText other = model.with("rerope:window=2").embedder().normalizing(true).embed("abc");
      assertThat(plain.tokens()).isEqualTo(4);
      assertThat(other.vector()).hasSameSizeAs(plain.vector());
      assertThat(length(other)).isCloseTo(1, within(1e-5));
      assertThat(plain.cosine(other)).as("the method counts").isLessThan(1 - 1e-6);
      assertThat(model.embedder().withPooling("mean").embed("abc").cosine(plain)).isLessThan(0.999);
    }
  }

  private static double length(EmbeddedText embedding) {
    double square = 0;
    for (float number : embedding.vector()) {
      square += (double) number * number;
    }
    return Math.sqrt(square);
  }
}

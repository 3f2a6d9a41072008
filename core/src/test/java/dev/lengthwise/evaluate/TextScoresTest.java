package dev.lengthwise.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Numbers of sacrebleu and of rouge-score, made by `tools/score-fixtures.py`.
class TextScoresTest {

  private static final int CORPUS = 10;

  private static JsonNode fixture() throws IOException {
    return new JsonMapper().readTree(Path.of("src/test/resources/scores/scores.json").toFile());
  }

  @Test
  void bleuChrfAndRougeAreThoseOfTheProgramsThatDefineThem() throws IOException {
    JsonNode fixture = fixture();
    List<TextPair> all = new ArrayList<>();
    for (JsonNode row : fixture.get("pairs")) {
      TextPair pair = new TextPair(row.get("candidate").asText(), row.get("reference").asText());
      all.add(pair);
      assertThat(Bleu.of(List.of(pair)))
          .as("BLEU of %s", pair)
          .isCloseTo(row.get("bleu").asDouble(), within(1e-9));
      assertThat(Chrf.of(List.of(pair)))
          .as("chrF of %s", pair)
          .isCloseTo(row.get("chrf").asDouble(), within(1e-9));
      assertThat(Rouge.ofGrams(1, pair))
          .as("ROUGE-1 of %s", pair)
          .isCloseTo(row.get("rouge1").asDouble(), within(1e-12));
      assertThat(Rouge.ofGrams(2, pair))
          .as("ROUGE-2 of %s", pair)
          .isCloseTo(row.get("rouge2").asDouble(), within(1e-12));
      assertThat(Rouge.ofSubsequence(pair))
          .as("ROUGE-L of %s", pair)
          .isCloseTo(row.get("rougeL").asDouble(), within(1e-12));
    }
    assertThat(all).hasSize(200);
    for (int n = 0; n < fixture.get("corpora").size(); n++) {
      List<TextPair> corpus = all.subList(n * CORPUS, (n + 1) * CORPUS);
      JsonNode row = fixture.get("corpora").get(n);
      assertThat(Bleu.of(corpus)).isCloseTo(row.get("bleu").asDouble(), within(1e-9));
      assertThat(Chrf.of(corpus)).isCloseTo(row.get("chrf").asDouble(), within(1e-9));
    }
  }

  @Test
  void rougeCountsSharedRunsAndTheLongestCommonSubsequence() {
    // Words: the cat s 9 lives / the cat has 9 lives, the.
    TextPair pair = new TextPair("The cat's 9 LIVES", "the cat has 9 lives, the");
    assertThat(Rouge.ofGrams(1, pair)).isEqualTo(2 * 4.0 / 11);
    // In common: "the cat", "9 lives"; four pairs and five.
    assertThat(Rouge.ofGrams(2, pair)).isEqualTo(2 * 2.0 / 9);
    assertThat(Rouge.ofSubsequence(pair)).isEqualTo(2 * 4.0 / 11);
    // One "a" of four counts.
    assertThat(Rouge.ofGrams(1, new TextPair("a a a a", "a b c d e f"))).isEqualTo(0.2);
    assertThat(Rouge.ofSubsequence(new TextPair("…", "a"))).isZero();
    assertThat(Rouge.ofGrams(2, new TextPair(".", "?"))).isZero();
  }
}

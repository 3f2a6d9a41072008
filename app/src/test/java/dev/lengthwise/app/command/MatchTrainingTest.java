package dev.lengthwise.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lengthwise.app.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A tiny random encoder (tools/encoder-fixtures.py) learns which texts share their first word.
class MatchTrainingTest {

  private static final String MODEL = "../core/src/test/resources/families/sentences/mean";
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final List<String> WORDS = List.of("fox", "dog", "man", "box");
  private static final List<String> ENDS = List.of("is lazy", "jumps", "plays", "the flute");

  @TempDir Path folder;

  // Two words that are equal make alike texts; one model that reads both at once learns the easier
  // question whether the first is a fox.
  private Path pairs(boolean alike) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (String one : WORDS) {
      for (String other : WORDS) {
        for (int end = 0; end < ENDS.size(); end++) {
          lines
              .append(one + " " + ENDS.get(end))
              .append('\t')
              .append(other + " " + ENDS.get((end + 1) % ENDS.size()))
              .append('\t')
              .append((alike ? one.equals(other) : one.equals("fox")) ? 1 : 0)
              .append('\n');
        }
      }
    }
    return Files.writeString(folder.resolve("pairs.tsv"), lines);
  }

  private Path settings(String loss, int steps, Path pairs) throws IOException {
    return Files.writeString(
        folder.resolve("train.json"),
        """
        {"task": {"name": "match", "loss": %s, "training": "%s", "validation": "%s",
                  "pooling": "MEAN", "length": 24, "pairs": 16},
         "schedule": {"name": "cosine", "steps": %d, "peakLearningRate": 0.01,
                      "warmUpSteps": 2, "finalFraction": 0.1},
         "optimizer": {"name": "adamw", "weightDecay": 0.0, "beta1": 0.9, "beta2": 0.95,
                       "epsilon": 1e-8, "clip": 1.0},
         "seed": 1, "threads": 1, "interval": 20}
        """
            .formatted(loss, pairs, pairs, steps));
  }

  private Run train(String loss, int steps) throws IOException {
    Path config = settings(loss, steps, pairs(!loss.contains("interaction")));
    return Run.of(
        "train", "--from", MODEL, "--config", config.toString(), "--out", out().toString());
  }

  private Path out() {
    return folder.resolve("run");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"name\": \"cosent\", \"scale\": 20.0}",
        "{\"name\": \"sentence-bert\", \"classes\": 2}",
        "{\"name\": \"interaction\", \"classes\": 2}"
      })
  void anEncoderLearnsFromPairs(String loss) throws IOException {
    Run run = train(loss, 60);
    assertThat(run.status()).as(run.err()).isZero();
    List<String> lines = Files.readAllLines(out().resolve("metrics.jsonl"));
    JsonNode last = MAPPER.readTree(lines.getLast());
    assertThat(lines).hasSize(3);
    assertThat(last.get("loss").asDouble()).isLessThan(0.3);
    assertThat(last.get("spearman").asDouble()).isGreaterThan(0.7);
  }

  @Test
  void theModelOfATrainingMakesVectors() throws IOException {
    Run run = train("{\"name\": \"cosent\", \"scale\": 20.0}", 60);
    String model = run.out().strip();
    assertThat(model).isEqualTo(out().resolve("model").toString());
    double alike = cosine(model, "fox is lazy", "fox plays");
    double different = cosine(model, "fox is lazy", "dog plays");
    assertThat(alike).isGreaterThan(different + 0.2);
    assertThat(cosine(MODEL, "fox is lazy", "fox plays")).isNotCloseTo(alike, within());
    Run again =
        Run.of(
            "train",
            "--from",
            MODEL,
            "--config",
            folder.resolve("train.json").toString(),
            "--out",
            out().toString());
    assertThat(again.status()).isEqualTo(1);
    assertThat(again.err()).contains("is not empty");
  }

  @Test
  void labelsOfAnotherKindAreRefused() throws IOException {
    Path pairs = Files.writeString(folder.resolve("graded.tsv"), "a\tb\t0.5\nc\td\t1\n");
    Path config = settings("{\"name\": \"sentence-bert\", \"classes\": 2}", 2, pairs);
    Run run =
        Run.of("train", "--from", MODEL, "--config", config.toString(), "--out", out().toString());
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("The label 0.5", "graded.tsv", "classes from 0 to 1");
  }

  private static org.assertj.core.data.Offset<Double> within() {
    return org.assertj.core.data.Offset.offset(1e-4);
  }

  private static double cosine(String model, String one, String other) throws IOException {
    String[] lines = Run.of("embed", "-m", model, "--normalize", one, other).out().split("\n", -1);
    JsonNode first = MAPPER.readTree(lines[0]).get("vector");
    JsonNode second = MAPPER.readTree(lines[1]).get("vector");
    double sum = 0;
    for (int n = 0; n < first.size(); n++) {
      sum += first.get(n).asDouble() * second.get(n).asDouble();
    }
    return sum;
  }
}

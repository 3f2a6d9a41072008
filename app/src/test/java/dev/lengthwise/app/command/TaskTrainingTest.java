package dev.lengthwise.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lengthwise.app.Run;
import dev.lengthwise.io.FolderLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tiny fresh encoders learn tasks on made-up texts: validation has other texts than training.
///
/// Which bits a sum has differs between machines, so thresholds are far below what was measured.
/// Seeds 1 to 3 gave 1 everywhere, but pairs with seed 3: accuracy 0.95, correlation 0.84.
class TaskTrainingTest {

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int TESTED = 40;
  private static final String GATED_UNIT =
      """
      "model_type": "gau_alpha", "hidden_size": 32, "num_hidden_layers": 2,
      "intermediate_size": 64, "attention_key_size": 16, "embedding_size": 32,
      "max_position_embeddings": 64, "type_vocab_size": 2, "hidden_act": "swish"
      """;
  private static final List<List<String>> TOPICS =
      List.of(
          List.of("ball", "team", "goal", "coach"),
          List.of("judge", "court", "law", "trial"),
          List.of("soup", "salt", "bread", "spoon"),
          List.of("ship", "wave", "sail", "harbour"));
  private static final List<String> FILLERS =
      List.of("the", "old", "green", "very", "again", "there", "slowly", "some");
  private static final List<String> NAMES = List.of("anna", "boris", "clara", "dmitri");
  private static final List<String> FAMILIES = List.of("smith", "jones", "novak");
  private static final List<String> CITIES = List.of("paris", "rome", "oslo", "lima");
  private static final List<String> YEARS = List.of("1901", "1950", "1987", "2004");

  @TempDir Path folder;

  private static <T> T any(List<T> list, Random random) {
    return list.get(random.nextInt(list.size()));
  }

  private static String topical(int topic, Random random) {
    List<String> words = new ArrayList<>();
    for (int n = 0; n < 6; n++) {
      words.add(any(n % 2 == 0 ? FILLERS : TOPICS.get(topic), random));
    }
    return String.join(" ", words);
  }

  private String file(String name, int lines, long seed, Function<Random, String> line)
      throws IOException {
    Random random = new Random(seed);
    StringBuilder all = new StringBuilder();
    for (int n = 0; n < lines; n++) {
      all.append(line.apply(random)).append('\n');
    }
    return Files.writeString(folder.resolve(name), all).toString();
  }

  private JsonNode learn(String task, int steps, Function<Random, String> line) throws IOException {
    String encoder =
        """
        "model_type": "bert", "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
        "intermediate_size": 64, "max_position_embeddings": 64, "type_vocab_size": 2,
        "hidden_act": "gelu"
        """;
    return learn(task, encoder, 0.002, steps, line);
  }

  /// Trains, and judges the model on texts of the test.
  private JsonNode learn(
      String task, String encoder, double rate, int steps, Function<Random, String> line)
      throws IOException {
    String training = file("training.jsonl", 400, 1, line);
    String test = file("test.jsonl", TESTED, 2, line);
    Path config =
        Files.writeString(
            folder.resolve("train.json"),
            """
            {"task": {%s, "training": "%s", "validation": "%s", "length": 64, "examples": 8,
                      "dropout": 0.1},
             "encoder": {%s},
             "schedule": {"name": "cosine", "steps": %d, "peakLearningRate": %s,
                          "warmUpSteps": 10, "finalFraction": 0.1},
             "optimizer": {"name": "adamw", "weightDecay": 0.01, "beta1": 0.9, "beta2": 0.98,
                           "epsilon": 1e-8, "clip": 1.0},
             "seed": 1, "threads": 1, "interval": %d}
            """
                .formatted(task, training, test, encoder, steps, rate, steps));
    Path out = folder.resolve("run");
    Run run = Run.of("train", "--config", config.toString(), "--out", out.toString());
    assertThat(run.status()).as(run.err()).isZero();
    Run judged = evaluate(test, "--json", "--predictions", predictions().toString());
    assertThat(judged.status()).as(judged.err()).isZero();
    assertThat(Files.readAllLines(predictions())).hasSize(TESTED);
    return MAPPER.readTree(judged.out()).at("/result/measures");
  }

  private void trainsInNoOtherRunsFolder() {
    List<String> train =
        List.of("train", "--config", folder.resolve("train.json").toString(), "--out");
    Path finished = folder.resolve("run");
    assertThat(run(train, finished).err()).contains("is not empty", "begins anew");
    Path busy = folder.resolve("busy");
    try (FolderLock _ = FolderLock.of(busy)) {
      assertThat(run(train, busy).err()).contains("is being written by another run");
    }
    assertThat(busy).doesNotExist();
  }

  private static Run run(List<String> arguments, Path out) {
    List<String> all = new ArrayList<>(arguments);
    all.add(out.toString());
    Run run = Run.of(all.toArray(String[]::new));
    assertThat(run.status()).isOne();
    return run;
  }

  private Run evaluate(String test, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "evaluate", "task", "-m", folder.resolve("run/model").toString(), "--test", test));
    arguments.addAll(List.of(more));
    return Run.of(arguments.toArray(String[]::new));
  }

  private Path predictions() {
    return folder.resolve("predictions.jsonl");
  }

  private JsonNode prediction(int line) throws IOException {
    return MAPPER.readTree(Files.readAllLines(predictions()).get(line));
  }

  @Test
  void classesOfTextsAreLearnt() throws IOException {
    JsonNode measures =
        learn(
            "\"name\": \"classification\", \"labels\": []",
            100,
            random -> {
              int topic = random.nextInt(2);
              return "{\"text\": \"%s\", \"label\": \"topic %d\"}"
                  .formatted(topical(topic, random), topic);
            });
    assertThat(measures.get("accuracy").asDouble()).isGreaterThan(0.8);
    assertThat(measures.get("macroF1").asDouble()).isGreaterThan(0.7);
    assertThat(prediction(0).get("label").asText()).startsWith("topic ");
    trainsInNoOtherRunsFolder();
    assertThat(prediction(0).get("probabilities")).hasSize(2);
    String unknown = file("x.jsonl", 1, 1, _ -> "{\"text\": \"ball\", \"label\": \"weather\"}");
    assertThat(evaluate(unknown).err())
        .contains("Line 1 of", "the label \"weather\", which the model was not trained on");
    String bare = file("y.jsonl", 1, 1, _ -> "{\"text\": \"ball\"}");
    assertThat(evaluate(bare).err()).contains("nothing can be measured");
    assertThat(evaluate(bare, "--predictions", bare).err()).contains("is the input");
    String longer =
        file(
            "z.jsonl",
            1,
            1,
            _ -> "{\"text\": \"%s\", \"label\": \"topic 0\"}".formatted("ball ".repeat(90)));
    assertThat(evaluate(longer, "--truncate").err())
        .contains("texts longer than 64 tokens, which are cut: 1");
    assertThat(evaluate(longer).err()).contains("a text of 92 tokens, and the encoder reads 64");
    assertThat(evaluate(longer, "--hierarchical-places").status()).isZero();
    assertThat(evaluate(bare, "--predictions", predictions().toString()).err())
        .contains("predictions only");
  }

  // Of both texts and their order: whoever reads one text, or forgets which is the first, is right
  // of three pairs in four at most, with a correlation of 0.58. Whether two topics are the same is
  // not learnt within some seconds (accuracy 0.25 after 200 steps).
  @Test
  void classesOfPairsAreLearntByAGatedAttentionUnit() throws IOException {
    JsonNode measures =
        learn(
            "\"name\": \"classification\", \"labels\": [\"0\", \"1\"]",
            GATED_UNIT,
            0.004,
            180,
            random -> {
              int one = random.nextInt(2);
              int other = random.nextInt(2);
              return "{\"text\": \"%s\", \"pair\": \"%s\", \"label\": %d}"
                  .formatted(
                      topical(one, random), topical(other, random), one == 0 && other == 1 ? 1 : 0);
            });
    assertThat(measures.get("accuracy").asDouble()).isGreaterThan(0.85);
    assertThat(measures.get("matthews").asDouble()).isGreaterThan(0.7);
    String longer = file("z.jsonl", 1, 1, _ -> "{\"text\": \"%s\"}".formatted("ball ".repeat(90)));
    assertThat(
            evaluate(longer, "--method", "rerope:window=16", "--predictions", "" + predictions())
                .status())
        .isZero();
  }

  // The topic of the choices decides: that it is the text's is not learnt reliably in some seconds
  // (accuracy 0.43 to 1 of two choices, by the seed).
  @Test
  void choicesAreLearnt() throws IOException {
    JsonNode measures =
        learn(
            "\"name\": \"choice\"",
            GATED_UNIT,
            0.004,
            40,
            random -> {
              int right = random.nextInt(3);
              List<String> choices = new ArrayList<>();
              for (int n = 0; n < 3; n++) {
                choices.add("\"" + topical(n == right ? 0 : 1, random) + "\"");
              }
              return "{\"text\": \"%s\", \"choices\": %s, \"answer\": %d}"
                  .formatted(topical(2, random), choices, right);
            });
    assertThat(measures.get("accuracy").asDouble()).isGreaterThan(0.8);
    assertThat(prediction(0).get("probabilities")).hasSize(3);
  }

  @Test
  void answersInTextsAreLearnt() throws IOException {
    JsonNode measures =
        learn(
            "\"name\": \"reading\", \"stride\": 8, \"longestAnswer\": 4",
            45,
            random -> {
              String city = any(CITIES, random);
              String text =
                  "%s %s %s lived in %s since %s %s ."
                      .formatted(
                          any(FILLERS, random),
                          random.nextBoolean() ? any(FILLERS, random) : "",
                          any(NAMES, random),
                          city,
                          any(YEARS, random),
                          any(FILLERS, random));
              return """
              {"question": "where ?", "context": "%s", "answers": [{"text": "%s", "start": %d}]}\
              """
                  .formatted(text, city, text.indexOf(city));
            });
    assertThat(measures.get("f1").asDouble()).isGreaterThan(0.8);
    assertThat(measures.get("exactMatch").asDouble()).isGreaterThan(0.8);
    assertThat(prediction(0).get("start").asInt()).isPositive();
    JsonNode narrow =
        MAPPER.readTree(
            evaluate(folder + "/test.jsonl", "--length", "12", "--stride", "4", "--json").out());
    assertThat(narrow.at("/result/measures/f1").asDouble()).as("in windows").isGreaterThan(0.6);
  }

  @Test
  void tagsOfWordsAreLearnt() throws IOException {
    JsonNode measures =
        learn(
            "\"name\": \"tagging\", \"stride\": 8, \"labels\": []",
            45,
            random -> {
              String person = any(NAMES, random) + " " + any(FAMILIES, random);
              String city = any(CITIES, random);
              String text =
                  "%s, %s saw %s %s."
                      .formatted(any(FILLERS, random), person, any(FILLERS, random), city);
              int first = text.indexOf(person);
              int second = text.lastIndexOf(city);
              return """
              {"text": "%s", "entities": [{"start": %d, "end": %d, "label": "PER"}, \
              {"start": %d, "end": %d, "label": "LOC"}]}\
              """
                  .formatted(text, first, first + person.length(), second, second + city.length());
            });
    assertThat(measures.get("entityF1").asDouble()).isGreaterThan(0.8);
    assertThat(prediction(0).get("entities")).hasSize(2);
    assertThat(evaluate(folder + "/test.jsonl", "--length", "8", "--stride", "2").out())
        .contains("entityF1");
  }
}

package dev.lengthwise.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.app.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `train --from`: a tiny model that `train --tiny` made is trained further.
class TrainFromCommandTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path SETTINGS = Path.of("..", "models", "java-5m", "train.json");

  @TempDir static Path shared;
  private static Path model;
  private static Path data;

  @TempDir Path folder;

  @BeforeAll
  static void prepare() throws IOException {
    data = shared.resolve("data");
    Path text =
        Files.writeString(shared.resolve("text"), "int add(int a) { return a; }\n".repeat(80));
    Run prepared =
        Run.of(
            "prepare",
            "--tokenizer",
            "bytes",
            "--source",
            "training=text:" + text,
            "--source",
            "retrieval=text:" + text,
            "--source",
            "validation=text:" + text,
            "--out",
            data.toString());
    assertThat(prepared.status()).as(prepared.err()).isZero();
    Run trained =
        Run.of(
            "train",
            "--config",
            SETTINGS.toString(),
            "--tiny",
            "--data",
            data.toString(),
            "--out",
            shared.resolve("scratch").toString());
    assertThat(trained.status()).as(trained.err()).isZero();
    model = shared.resolve("scratch/model");
  }

  // What the model says is left out.
  private static ObjectNode settings(int steps) throws IOException {
    ObjectNode settings = (ObjectNode) JSON.readTree(SETTINGS.toFile());
    settings.remove(List.of("model", "method", "trainedLength", "initialisation"));
    ((ObjectNode) settings.get("schedule"))
        .put("steps", steps)
        .put("warmUpSteps", 1)
        .put("stableSteps", 0);
    ((ObjectNode) settings.get("batch")).put("sequences", 1).put("accumulation", 2);
    ((ObjectNode) settings.get("data")).putArray("questions");
    return settings.put("precision", "F32").put("threads", 1);
  }

  private Path write(ObjectNode settings) throws IOException {
    Path file = folder.resolve("train.json");
    JSON.writeValue(file.toFile(), settings);
    return file;
  }

  private Run train(String from, @Nullable Path config, String... more) {
    List<String> arguments = new ArrayList<>(List.of("train"));
    if (!from.isEmpty()) {
      arguments.addAll(List.of("--from", from));
    }
    if (config != null) {
      arguments.addAll(List.of("--config", config.toString()));
    }
    arguments.addAll(List.of("--data", data.toString(), "--out", run().toString()));
    arguments.addAll(List.of(more));
    return Run.of(arguments.toArray(String[]::new));
  }

  private Path run() {
    return folder.resolve("run");
  }

  private void assertRefused(Run refused, int status, String... words) {
    assertThat(refused.status()).as(refused.err()).isEqualTo(status);
    assertThat(refused.err()).contains(words);
    assertThat(run()).doesNotExist();
    try (var left = Files.list(folder)) {
      assertThat(left.map(path -> path.getFileName().toString()))
          .noneMatch(name -> name.contains("partial"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aModelIsStretchedAndTheRunGoesOnWithoutIt() throws IOException {
    Run begun = train(model.toString(), write(settings(2)), "--method", "yarn:factor=2");
    assertThat(begun.status()).as(begun.err()).isZero();
    assertThat(begun.out()).isEqualTo(run().resolve("model") + "\n");

    JsonNode kept = JSON.readTree(run().resolve("train.json").toFile());
    assertThat(kept.get("from").get("model").asText()).isEqualTo(model.toString());
    assertThat(kept.get("from").get("sha256").asText()).hasSize(64);
    assertThat(kept.get("trainedLength").asInt()).isEqualTo(64);
    JsonNode config = JSON.readTree(run().resolve("model/config.json").toFile());
    assertThat(config.get("model_type").asText()).isEqualTo("llama");
    assertThat(config.get("max_position_embeddings").asInt()).isEqualTo(64);
    JsonNode scaling = config.get("rope_scaling");
    assertThat(scaling.get("rope_type").asText()).isEqualTo("yarn");
    assertThat(scaling.get("original_max_position_embeddings").asInt()).isEqualTo(32);
    assertThat(run().resolve("model/tokenizer.json"))
        .hasSameBinaryContentAs(model.resolve("tokenizer.json"));

    Run again = train(model.toString(), null);
    assertThat(again.status()).isEqualTo(1);
    assertThat(again.err()).contains("exists, and --from begins a new run");

    Run rest = train("", write(settings(4)));
    assertThat(rest.status()).as(rest.err()).isZero();
    assertThat(Files.readAllLines(run().resolve("metrics.jsonl"))).hasSize(4);
    Run tokens =
        Run.of("generate", "-m", run().resolve("model").toString(), "-p", "int", "-n", "3");
    assertThat(tokens.status()).as(tokens.err()).isZero();
  }

  @Test
  void aRunFolderIsAModelAndTwoWorkersTrainIt() throws IOException {
    Run begun = train(shared.resolve("scratch").toString(), write(settings(2)), "--workers", "2");

    assertThat(begun.status()).as(begun.err()).isZero();
    assertThat(Files.readAllLines(run().resolve("metrics.jsonl"))).hasSize(2);
  }

  @Test
  void aQuantisedModelIsTrainedFurther() throws IOException {
    Path quantised = folder.resolve("model.gguf");
    Run written = Run.of("quantize", model.toString(), quantised.toString(), "--type", "q8_0");
    assertThat(written.status()).as(written.err()).isZero();

    Run trained = train(quantised.toString(), write(settings(2)), "--method", "kerple");
    assertThat(trained.status()).as(trained.err()).isZero();
    JsonNode config = JSON.readTree(run().resolve("model/config.json").toFile());
    assertThat(config.get("model_type").asText()).isEqualTo("lengthwise");
    assertThat(config.get("length_extrapolation").get("method").asText()).isEqualTo("kerple");
  }

  @Test
  void wrongModelsAreRefusedInASentence() throws IOException {
    Path config = write(settings(2));
    assertRefused(train("no-such-model", config), 1, "There is no model 'no-such-model'");

    Path deeper = Files.createDirectories(folder.resolve("deeper"));
    Files.copy(model.resolve("model.safetensors"), deeper.resolve("model.safetensors"));
    ObjectNode header = (ObjectNode) JSON.readTree(model.resolve("config.json").toFile());
    JSON.writeValue(deeper.resolve("config.json").toFile(), header.put("num_hidden_layers", 3));
    assertRefused(train(deeper.toString(), config), 1, "says 3 layers");
  }

  @Test
  void settingsThatContradictTheModelAreRefused() throws IOException {
    ObjectNode settings = settings(2);
    settings.putObject("model").put("hiddenSize", 512);
    assertRefused(
        train(model.toString(), write(settings)), 1, "\"model.hiddenSize\" is 512", "has 32");

    ObjectNode incomplete = settings(2);
    incomplete.remove("schedule");
    assertRefused(train(model.toString(), write(incomplete)), 1, "\"schedule\"");

    assertRefused(
        train(model.toString(), write(settings(2)), "--method", "no-such-method"),
        1,
        "no-such-method");
  }

  @Test
  void optionsThatDoNotGoTogetherAreRefused() throws IOException {
    Path config = write(settings(2));
    assertRefused(train("", config, "--method", "rope"), 2, "--method is for --from");
    assertRefused(train(model.toString(), config, "--tiny"), 2, "--tiny");
    assertRefused(train("", null), 2, "--config");
    assertRefused(
        train(model.toString(), config, "--workers", "2", "--rank", "0"), 2, "--from begins");
    assertRefused(train(model.toString(), config, "--workers", "3"), 1, "3 workers share");
  }
}

package dev.lengthwise.app.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.app.Run;
import dev.lengthwise.app.options.Home;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Training in real processes.
class TrainCommandTest {

  @TempDir static Path shared;

  @TempDir Path folder;

  @BeforeAll
  static void prepare() throws IOException {
    String code =
        """
        package tiny;
        /** Adds numbers. */
        public final class Adder {
          public int add(int left, int right) {
            return left + right;
          }
        }
        """;
    Path jar = shared.resolve("tiny-sources.jar");
    try (OutputStream file = Files.newOutputStream(jar);
        ZipOutputStream zip = new ZipOutputStream(file)) {
      zip.putNextEntry(new ZipEntry("tiny/Adder.java"));
      zip.write(code.repeat(20).getBytes(StandardCharsets.UTF_8));
    }
    Run prepared =
        Run.of(
            "prepare",
            "--source",
            "training=jar:" + jar,
            "--source",
            "validation=jar:" + jar,
            "--source",
            "retrieval=generated:retrieval,documents=20,shortest=20,longest=20,seed=1",
            "--vocab",
            "300",
            "--out",
            shared.resolve("data").toString());
    assertThat(prepared.status()).as(prepared.err()).isZero();
  }

  /// Settings of a tiny model that trains for `steps` steps.
  private Path settings(int steps) throws IOException {
    ObjectMapper json = new ObjectMapper();
    ObjectNode settings =
        (ObjectNode)
            json.readTree(Path.of("..", "models", Home.BUNDLED_MODEL, "train.json").toFile());
    ObjectNode model = (ObjectNode) settings.get("model");
    model.put("vocabularySize", 300).put("hiddenSize", 16).put("layers", 2).put("heads", 2);
    model.put("keyValueHeads", 1).put("headSize", 8).put("feedForwardSize", 24);
    ((ObjectNode) settings.get("schedule"))
        .put("steps", steps)
        .put("warmUpSteps", 1)
        .put("stableSteps", 0);
    ((ObjectNode) settings.get("intervals"))
        .put("validation", 1000)
        .put("sample", 1000)
        .put("checkpoint", 5);
    ((ArrayNode) settings.get("data").get("questions")).removeAll();
    ((ObjectNode) settings.get("batch")).put("sequences", 2).put("accumulation", 2);
    settings.put("trainedLength", 16).put("threads", 1).put("precision", "F32");
    Path file = folder.resolve("train-" + steps + ".json");
    json.writeValue(file.toFile(), settings);
    return file;
  }

  private String[] command(int steps, String run, String... more) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "train",
                "--config",
                settings(steps).toString(),
                "--data",
                shared.resolve("data").toString(),
                "--out",
                folder.resolve(run).toString()));
    arguments.addAll(List.of(more));
    return arguments.toArray(String[]::new);
  }

  private List<Double> losses(String run) throws IOException {
    List<Double> losses = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve(run).resolve("metrics.jsonl"))) {
      losses.add(new ObjectMapper().readTree(line).get("loss").asDouble());
    }
    return losses;
  }

  @Test
  void twoWorkersTrainTheModelOfOne() throws IOException {
    Run one = Run.of(command(8, "one"));
    assertThat(one.status()).as(one.err()).isZero();
    Run two = Run.of(command(8, "two", "--workers", "2"));
    assertThat(two.status()).as(two.err()).isZero();

    assertThat(two.out()).isEqualTo(folder.resolve("two/model") + "\n");
    assertThat(folder.resolve("two/model/model.safetensors")).exists();
    List<Double> expected = losses("one");
    List<Double> found = losses("two");
    assertThat(found).hasSameSizeAs(expected);
    for (int step = 0; step < expected.size(); step++) {
      assertThat(found.get(step)).isCloseTo(expected.get(step), Offset.offset(1e-4));
    }
  }

  /// Gloo says on standard output who has come; that is for the model's place alone.
  @Test
  void workersStartedByHandSayOnlyTheResultOnStandardOutput() throws Exception {
    String address = "127.0.0.1:" + WorkerProcesses.freePort();
    List<Process> workers = new ArrayList<>();
    List<Path> said = new ArrayList<>();
    for (int rank = 0; rank < 2; rank++) {
      String[] own =
          command(2, "hand", "--workers", "2", "--rank", "" + rank, "--rendezvous", address);
      said.add(folder.resolve("out-" + rank));
      workers.add(
          new ProcessBuilder(WorkerProcesses.command(List.of(own)))
              .redirectOutput(said.getLast().toFile())
              .redirectError(folder.resolve("err-" + rank).toFile())
              .start());
    }
    for (Process worker : workers) {
      assertThat(worker.waitFor()).isZero();
    }
    assertThat(said.get(0)).content().isEqualTo(folder.resolve("hand/model") + "\n");
    assertThat(said.get(1)).isEmptyFile();
    assertThat(folder.resolve("err-0")).content().contains("step 2 loss");
  }

  @Test
  void aKilledWorkerEndsTheRunWhichGoesOnLater() throws Exception {
    List<String> said = new ArrayList<>();
    String[] endless = command(100_000, "run");
    CompletableFuture<Void> running =
        CompletableFuture.runAsync(() -> WorkerProcesses.run(2, _ -> List.of(endless), said::add));
    Path latest = folder.resolve("run/latest");
    await(() -> Files.exists(latest));
    // The one that was started last: the system cuts long command lines before the rank.
    ProcessHandle worker =
        ProcessHandle.current()
            .children()
            .max(
                Comparator.comparing(
                        (ProcessHandle child) -> child.info().startInstant().orElseThrow())
                    .thenComparing(ProcessHandle::pid))
            .orElseThrow();
    worker.destroyForcibly();

    assertThatThrownBy(running::join)
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("Worker 1 of 2 ended with status 137")
        .hasMessageContaining("go on from the last checkpoint");
    assertThat(ProcessHandle.current().children().filter(ProcessHandle::isAlive)).isEmpty();
    int step = Integer.parseInt(Files.readString(latest));
    assertThat(step).isPositive();

    Run rest = Run.of(command(step + 2, "run", "--workers", "2"));
    assertThat(rest.status()).as(rest.err()).isZero();
    assertThat(losses("run")).hasSize(step + 2);
  }

  // Not Ctrl-C: what a shell starts in the background, as builds are, ignores that signal.
  @Test
  void aSignalEndsARunAfterItsStepAndItGoesOnLater() throws Exception {
    Process training = start(command(100_000, "run"));
    await(() -> Files.exists(folder.resolve("run/metrics.jsonl")));
    terminate(training);

    assertThat(training.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(training.exitValue()).as(said()).isEqualTo(143);
    assertThat(said()).contains("Stopping after this step").contains("as asked");
    int step = Integer.parseInt(Files.readString(folder.resolve("run/latest")));
    assertThat(losses("run")).hasSize(step);
    assertThat(folder.resolve("run/stop")).doesNotExist();

    Run rest = Run.of(command(step + 2, "run"));
    assertThat(rest.status()).as(rest.err()).isZero();
    assertThat(losses("run")).hasSize(step + 2);
  }

  @Test
  void aSignalEndsATrainingOfAnEncoderWithTheModelOfItsStep() throws Exception {
    Path pairs =
        Files.writeString(folder.resolve("pairs.tsv"), "fox\tdog\t0\nfox\tfox\t1\ndog\tdog\t1\n");
    Path settings =
        Files.writeString(
            folder.resolve("match.json"),
            """
            {"task": {"name": "match", "loss": {"name": "cosent", "scale": 20.0},
                      "training": "%1$s", "validation": "%1$s",
                      "pooling": "MEAN", "length": 24, "pairs": 3},
             "schedule": {"name": "cosine", "steps": 1000000, "peakLearningRate": 1e-5,
                          "warmUpSteps": 2, "finalFraction": 0.1},
             "optimizer": {"name": "adamw", "weightDecay": 0.0, "beta1": 0.9, "beta2": 0.95,
                           "epsilon": 1e-8, "clip": 1.0},
             "seed": 1, "threads": 1, "interval": 1000000}
            """
                .formatted(pairs));
    Path out = folder.resolve("encoder");
    String model = "../core/src/test/resources/families/sentences/mean";
    Process training =
        start("train", "--from", model, "--config", settings.toString(), "--out", out.toString());
    await(() -> Files.exists(out));
    terminate(training);

    assertThat(training.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(training.exitValue()).as(said()).isEqualTo(143);
    assertThat(said()).contains("as asked");
    assertThat(out.resolve("metrics.jsonl")).content().hasLineCount(1);
    assertThat(out.resolve("model/model.safetensors")).exists();
  }

  private Process start(String... arguments) throws IOException {
    return new ProcessBuilder(WorkerProcesses.command(List.of(arguments)))
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("said").toFile())
        .start();
  }

  private String said() throws IOException {
    return Files.readString(folder.resolve("said"));
  }

  private static void terminate(Process process) {
    process.destroy(); // SIGTERM
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("waited for two minutes").isLessThan(deadline);
      Thread.sleep(50);
    }
  }

  @Test
  void aPlaceNeedsRankAndRendezvous() throws IOException {
    Run run = Run.of(command(2, "run", "--workers", "2", "--rank", "0"));

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("--rank and --rendezvous belong together");
  }
}

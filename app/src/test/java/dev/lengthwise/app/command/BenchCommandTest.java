package dev.lengthwise.app.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lengthwise.app.Run;
import dev.lengthwise.app.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchCommandTest {

  private static final String SHAPE = "dim=32,layers=2,heads=4,kv-heads=2,ffn=64,vocab=50";

  @TempDir private Path folder;

  private static List<JsonNode> lines(Run run) throws JsonProcessingException {
    assertThat(run.status()).as(run.err()).isZero();
    JsonMapper mapper = new JsonMapper();
    return run.out().lines().map(line -> parsed(mapper, line)).toList();
  }

  private static JsonNode parsed(JsonMapper mapper, String line) {
    try {
      return mapper.readTree(line);
    } catch (JsonProcessingException e) {
      throw new AssertionError(line, e);
    }
  }

  @Test
  void trainingStepsStandBesideTheLimitOfTheirProducts() throws IOException {
    Run run =
        Run.of(
            "bench",
            "--train",
            "16,24",
            "--shape",
            SHAPE,
            "--sequences",
            "2",
            "--threads",
            "1",
            "--gradient-checkpointing",
            "--repetitions",
            "1",
            "--json",
            "--quiet");

    List<JsonNode> rows =
        lines(run).stream().filter(row -> row.path("task").asText().equals("train")).toList();
    assertThat(rows).extracting(row -> row.get("length").asInt()).containsExactly(16, 24);
    assertThat(rows).allMatch(row -> row.at("/shares/of bf16 linear").asDouble() > 0);
  }

  @Test
  void trainingExcludesReading() {
    Run run = Run.of("bench", "--train", "--prefill", "8");

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("--train excludes");
  }

  @Test
  void everyMethodIsReadAndWrittenAtEveryLength() throws IOException {
    Run run =
        Run.of(
            "bench",
            "--shape",
            SHAPE,
            "--weights",
            "f32",
            "--prefill",
            "8,70",
            "-n",
            "2",
            "--decode-depths",
            "0,600",
            "--methods",
            "rope,lm-infinite:local=32,global=2",
            "--repetitions",
            "3",
            "--json",
            "--quiet",
            "--out",
            folder.toString());

    List<JsonNode> lines = lines(run);
    JsonNode protocol = lines.getFirst().get("protocol");
    assertThat(protocol.get("model").asText()).isEqualTo(SHAPE);
    assertThat(protocol.get("weights").asText()).isEqualTo("f32");
    assertThat(protocol.has("vector_bits")).isTrue();
    assertThat(protocol.get("repetitions").asInt()).isEqualTo(3);
    List<JsonNode> rows = lines.subList(1, lines.size());
    assertThat(rows)
        .extracting(row -> row.get("task").asText() + " " + row.get("length"))
        .containsExactly(
            "first 64 tokens 0",
            "prefill 8",
            "prefill 70",
            "decode 0",
            "decode 600",
            "prefill 8",
            "prefill 70",
            "decode 0",
            "decode 600");
    for (JsonNode row : rows) {
      double median = row.get("median").asDouble();
      assertThat(median).isBetween(row.get("least").asDouble(), row.get("most").asDouble());
      assertThat(row.get("runs").asInt()).isEqualTo(row.equals(rows.getFirst()) ? 1 : 3);
      assertThat(row.get("tokensPerSecond").asDouble()).isPositive();
    }
    assertThat(rows.get(4).get("cacheBytes").asLong())
        .as("a method that forgets holds less")
        .isGreaterThan(rows.get(8).get("cacheBytes").asLong());
    assertThat(rows.getFirst().at("/shares/of the steady rate").asDouble()).isPositive();
    assertThat(folder.resolve("bench.jsonl")).hasContent(run.out());
    assertThat(Files.readString(folder.resolve("bench.html")))
        .contains("lm-infinite:local=32,global=2");
  }

  @Test
  void severalTextsAreWrittenAtOnceAndStandBesideOne() throws IOException {
    Run run =
        Run.of(
            ("bench --shape %s --weights q8_0 --prefill 0 -n 2 --decode-depths 0,40 --texts 1,3"
                    + " --methods rope --repetitions 1 --json --quiet")
                .formatted(SHAPE)
                .split(" "));

    List<JsonNode> rows = lines(run).subList(2, 6);
    assertThat(rows)
        .extracting(row -> row.get("task").asText() + " " + row.get("length"))
        .containsExactly("decode 0", "decode of 3 texts 0", "decode 40", "decode of 3 texts 40");
    assertThat(rows.get(0).at("/shares/one text").isMissingNode()).isTrue();
    JsonNode together = rows.get(1);
    double alone = rows.get(0).get("tokensPerSecond").asDouble();
    assertThat(together.get("tokensPerSecond").asDouble())
        .as("tokens of all texts in the seconds of a run")
        .isCloseTo(3 * 2 / together.get("median").asDouble(), withinPercentage(1));
    assertThat(together.at("/shares/one text").asDouble())
        .isCloseTo(together.get("tokensPerSecond").asDouble() / alone, withinPercentage(1));
    assertThat(rows.get(3).get("cacheBytes").asLong())
        .isEqualTo(3 * rows.get(2).get("cacheBytes").asLong());
  }

  @Test
  void attentionAloneSaysWhatItReachesOfThePlainMethod() throws IOException {
    Run run =
        Run.of(
            "bench",
            "--attention",
            "--methods",
            "rope,window:window=16",
            "--prefill",
            "130",
            "--repetitions",
            "1",
            "--json",
            "--quiet");

    List<JsonNode> rows = lines(run).subList(1, 3);
    assertThat(rows.get(0).get("shares").size()).isZero();
    assertThat(rows.get(1).get("shares").get("the time of rope").asDouble()).isPositive();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--shape nosuch | none of [llama-1b",
        "--shape dim=8 | none of [llama-1b",
        "--shape dim=8,layers=1,heads=3,kv-heads=1,ffn=8,vocab=9 | heads must divide dim",
        "--shape llama-15m --weights q9_9 | none of [f32, bf16, f16, f8_e4m3",
        "--shape llama-15m -m M | exclude each other",
        "--attention --shape llama-15m | has no model",
        "--repetitions 0 | must be positive, found 0",
        "--shape llama-15m -n -1 | 0 or more, found -1",
        "--prefill 0,x | found '0,x'",
        "--decode-depths -1 | found '-1'",
        "--texts -1 | found '-1'",
        "--texts 2147483648 | whole numbers below a billion",
        "--train 8 --activations q8 | --activations is for products with weights",
        "--attention --activations f32 | --activations is for products with weights",
        "--train 0 | windows of 1 token or more",
        "--train 0,8 | windows of 1 token or more",
        "--texts 0,2 | each number must be 1 or more",
        "--texts 2 -n 0 | so must -n",
        "--texts 2 --train | --train and --attention write none",
        "--shape llama-15m --prefill 0 -n 0 | nothing to measure",
        "--attention --texts 2 | --train and --attention write none",
        "--shape llama-15m --methods rope, | empty name",
      })
  void wrongValuesGetOneSentence(String arguments, String sentence) {
    Run run = Run.of(("bench " + arguments).split(" +"));

    assertThat(run.err()).startsWith("lengthwise: ").contains(sentence);
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
  }

  /// As of models of a file: protocols name what was computed, not what was asked for.
  @ParameterizedTest
  @CsvSource({"bf16,q8,true", "q8_0,mixed,true", "bf16,f32,false"})
  void randomWeightsThatAreNotRoundedSaySo(String weights, String activations, boolean told)
      throws IOException {
    Run run =
        Run.of(
            ("bench --quiet --json --repetitions 1 --prefill 0 -n 1 --shape %s --weights %s"
                    + " --activations %s")
                .formatted(SHAPE, weights, activations)
                .split(" "));

    assertThat(lines(run).getFirst().at("/protocol/activations").asText()).isEqualTo("f32");
    assertThat(run.err().contains("changes nothing: no weight of dim=32")).isEqualTo(told);
  }

  /// A page of keys and values for each is more than machines have; nothing is made before it is
  /// said.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--texts 999999999 | 999,999,999 texts at once of 32 tokens under rope | fewer --texts",
        "--texts 1,999999999 --methods window:window=8 | of 32 tokens under window | fewer --texts",
        "--decode-depths 999999999 | A text of 1,000,000,031 tokens | shorter ones",
        "-n 999999999 | A text of 999,999,999 tokens | shorter ones",
        "--prefill 999999999 -n 0 | A text of 999,999,999 tokens | shorter ones",
      })
  void textsThatFitNoMemoryAreRefused(String options, String texts, String advice) {
    String random = "bench --quiet --shape llama-15m --prefill 0 ";
    String line = options.contains("--prefill") ? random.replace("--prefill 0 ", "") : random;
    Run run = Run.of((line + options).split(" +"));

    assertThat(run.err())
        .startsWith("lengthwise: ")
        .contains(texts, "beside the weights, and this machine has", advice)
        .hasLineCount(1);
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
  }

  /// Stands for llama-bench: says how it was called, and that a token takes a second.
  private Path fake(String help, String body) throws IOException {
    Path script = folder.resolve("fake llama-bench");
    Files.writeString(
        script,
        """
        #!/bin/sh
        if [ "$1" = --help ]; then echo "%s"; exit; fi
        echo "$@" >> '%s'
        env >> '%s'
        %s
        """
            .formatted(help, folder.resolve("calls"), folder.resolve("environment"), body));
    assertThat(script.toFile().setExecutable(true)).isTrue();
    return script;
  }

  private static final String MEASURED =
      """
      while [ $# -gt 0 ]; do
        case $1 in -p) p=$2 ;; -n) n=$2 ;; -d) d=$2 ;; esac
        shift
      done
      echo '[{"n_prompt":'$p',"n_gen":'$n',"samples_ns":['$((p + n))'000000000]}]'
      """;

  private Run beside(Path binary, String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("bench", "-m", model().toString()));
    arguments.addAll(List.of("--beside-llama-cpp", binary.toString(), "--repetitions", "1"));
    arguments.addAll(List.of("--prefill", "8", "-n", "3", "--quiet", "--threads", "1"));
    arguments.addAll(List.of(more));
    return Run.of(arguments.toArray(String[]::new));
  }

  private Path model() throws IOException {
    Path file = folder.resolve("small.gguf");
    if (!Files.exists(file)) {
      String tiny = TinyModel.write(folder).toString();
      Run run = Run.of("quantize", tiny, file.toString(), "--type", "f32");
      assertThat(run.status()).as(run.err()).isZero();
    }
    return file;
  }

  @Test
  void llamaCppMeasuresTheSameRowsBesideOurs() throws IOException {
    Run run = beside(fake("usage: -n, --n-gen", MEASURED), "--json", "--cache-type", "q8_0");

    List<JsonNode> rows = lines(run).stream().skip(1).toList();
    assertThat(rows)
        .extracting(row -> row.get("task").asText() + " " + row.get("label").asText())
        .containsExactly(
            "first 64 tokens declared",
            "prefill declared",
            "prefill llama.cpp",
            "decode declared",
            "decode llama.cpp");
    assertThat(rows.get(2).get("tokensPerSecond").asDouble()).isEqualTo(1);
    assertThat(rows.get(4).get("tokensPerSecond").asDouble()).isEqualTo(1);
    for (int ours : new int[] {0, 1, 3}) {
      assertThat(rows.get(ours).at("/shares/llama.cpp").asDouble())
          .isEqualTo(rows.get(ours).get("tokensPerSecond").asDouble());
    }
    Path file = model();
    assertThat(Files.readAllLines(folder.resolve("calls")))
        .hasSize(4)
        .allMatch(call -> call.startsWith("-m " + file + " -o json -t 1 "))
        .allMatch(call -> call.contains(" -ctk q8_0 -ctv q8_0 "))
        .anyMatch(call -> call.endsWith(" -p 0 -n 3 -d 0"));
    assertThat(Files.readAllLines(folder.resolve("environment")))
        .noneMatch(line -> line.startsWith("OMP_WAIT_POLICY=")) // the tests have it
        .anyMatch(line -> line.startsWith("PATH="));
  }

  @Test
  void whatIsNoLlamaBenchIsSaidInOneSentence() throws IOException {
    assertThat(beside(fake("usage: sleep", MEASURED)).err())
        .isEqualTo(
            "lengthwise: %s is no llama-bench: expected --n-gen in what --help says, found 'usage: sleep'; name the program llama-bench of llama.cpp.\n"
                .formatted(folder.resolve("fake llama-bench")));
    assertThat(beside(folder.resolve("absent")).err())
        .startsWith("lengthwise: %s cannot be started".formatted(folder.resolve("absent")));
    assertThat(beside(fake("--n-gen", "echo 'cannot load' >&2; exit 3")).err())
        .contains("ended with status 3 on " + model() + ": 'cannot load'; try it by itself.");
    assertThat(beside(fake("--n-gen", "echo '[]'")).err())
        .contains("wrote no measurement: expected a JSON list with \"n_prompt\": 8");
  }

  @Test
  void llamaCppReadsNothingButGguf() {
    Run run = Run.of("bench", "--beside-llama-cpp", "any", "--shape", SHAPE);

    assertThat(run.err()).contains("--beside-llama-cpp needs a GGUF file");
    assertThat(run.status()).isEqualTo(2);
  }
}

package dev.lengthwise.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lengthwise.app.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The encoder of tools/encoder-fixtures.py judged on a few pairs.
class EvaluateCommandTest {

  private static final String MODEL = "../core/src/test/resources/families/sentences/mean";

  @TempDir Path folder;

  private String file(String name, String lines) throws IOException {
    return Files.writeString(folder.resolve(name), lines).toString();
  }

  private static Run match(String validation, String test, String... more) {
    String[] arguments = {
      "evaluate", "match", "-m", MODEL, "--validation", validation, "--test", test
    };
    String[] all = new String[arguments.length + more.length];
    System.arraycopy(arguments, 0, all, 0, arguments.length);
    System.arraycopy(more, 0, all, arguments.length, more.length);
    return Run.of(all);
  }

  @Test
  void alikeTextsScoreHigherThanOthers() throws IOException {
    String pairs =
        file(
            "pairs.tsv",
            """
            the fox\tthe fox\t1
            the fox\t手机号码\t0
            a man plays\ta man plays\t1
            a man plays\tthe lazy dog is tired\t0
            """);
    Run run = match(pairs, pairs, "--json");
    assertThat(run.status()).as(run.err()).isZero();
    JsonNode result = new ObjectMapper().readTree(run.out()).get("result");
    assertThat(result.get("pairs").asInt()).isEqualTo(4);
    assertThat(result.get("accuracy").asDouble()).isEqualTo(1);
    assertThat(result.get("f1").asDouble()).isEqualTo(1);
    assertThat(result.get("spearman").asDouble()).isGreaterThan(0.8);
    assertThat(match(pairs, pairs).out()).contains("Spearman", "accuracy   100.00", "thresholds");
  }

  @Test
  void constantScoresAreSaidToHaveNoCorrelation() throws IOException {
    String pairs =
        file(
            "same.jsonl",
            """
            {"sentence1": "the fox", "sentence2": "the fox", "label": 1}
            {"sentence1": "the fox", "sentence2": "the fox", "label": 0}
            """);
    Run run = match(pairs, pairs);
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).contains("Correlations are undefined: all 2 scores are equal.");
  }

  @Test
  void badPairsAreNamedByLine() throws IOException {
    String good = file("good.tsv", "a\tb\t1\nc\td\t0\n");
    assertThat(match(good, file("bare.tsv", "a\tb\n")).err()).contains("bare.tsv have no labels");
    assertThat(match(good, file("side.tsv", "a\tb\t1\n \td\t0\n")).err())
        .contains("Line 2 of", "side.tsv has an empty first text");
    assertThat(match(good, file("label.tsv", "a\tb\tyes\n")).err())
        .contains("Line 1 of", "has the label 'yes'; expected a number");
    assertThat(match(good, file("wide.tsv", "a\tb\t1\tx\n")).err()).contains("has 4 columns");
    assertThat(match(good, file("long.tsv", "fox ".repeat(50) + "\tb\t1\n")).err())
        .contains("52 tokens", "reads 32");
    assertThat(match(good, file("degrees.tsv", "a\tb\t0.5\n"), "--classes").err())
        .contains("no classes");
    assertThat(match(good, good, "--interaction").err()).contains("has no pair_head.safetensors");
  }

  @Test
  void pairsMayBeCommaSeparated() throws IOException {
    String pairs =
        file(
            "pairs.csv",
            """
            sentence1,sentence2,label
            "the fox, the ""dog""\","the fox, the ""dog""\",1
            the fox,"手机
            号码",0
            """);
    Run run = match(pairs, pairs, "--json", "--searches");
    assertThat(run.status()).as(run.err()).isZero();
    JsonNode line = new ObjectMapper().readTree(run.out());
    assertThat(line.get("result").get("pairs").asInt()).isEqualTo(2);
    assertThat(line.get("result").get("accuracy").asDouble()).isEqualTo(1);
    assertThat(line.get("searches")).hasSize(4);
    assertThat(match(pairs, file("wide.csv", "a,b,1\n\na,b,c,d\n")).err())
        .contains("Line 3 of", "has 4 columns", "with commas between");
    assertThat(match(pairs, file("open.csv", "a,b,1\na,\"b,1\n")).err())
        .contains("The record from line 2 of", "mend its quotes");
  }

  @Test
  void placesBeyondTheLearnedOnesReadLongTexts() throws IOException {
    String good = file("good.tsv", "the fox\tthe fox\t1\na fox\tthe dog\t0\n");
    String longer = file("long.tsv", "fox ".repeat(50) + "\tfox\t1\na fox\tthe dog\t0\n");
    assertThat(match(good, longer).err()).contains("52 tokens", "reads 32");
    assertThat(match(good, longer, "--hierarchical-places").status()).isZero();
    assertThat(match(good, good, "--hierarchical-places", "0.3").out())
        .isEqualTo(match(good, good).out());
    assertThat(match(good, longer, "--hierarchical-places", "0.5").err())
        .contains("--hierarchical-places must lie between 0 and 1 and not be 0.5");
  }
}

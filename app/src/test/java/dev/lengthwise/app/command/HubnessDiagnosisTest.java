package dev.lengthwise.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lengthwise.app.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `diagnose --show HUBNESS`; the numbers themselves are checked by `HubnessTest` of core.
class HubnessDiagnosisTest {

  private static final String POINTS = "../core/src/test/resources/vectors/points.npy";
  private static final String MODEL = "../core/src/test/resources/families/sentences/mean";

  @TempDir Path folder;

  private static Run run(String... more) {
    List<String> arguments = new ArrayList<>(List.of("diagnose", "--show", "HUBNESS"));
    arguments.addAll(List.of(more));
    return Run.of(arguments.toArray(String[]::new));
  }

  @Test
  void aMatrixHasALineForEachTreatment() throws IOException {
    Run run = run("--vectors", POINTS, "--paired-rows", "--json");
    assertThat(run.status()).as(run.err()).isZero();
    List<String> lines = run.out().strip().lines().toList();
    assertThat(lines).hasSize(7);
    JsonNode first = new ObjectMapper().readTree(lines.getFirst());
    assertThat(first.get("treatment").asText()).isEqualTo("as they are");
    assertThat(first.get("searches").asInt()).isEqualTo(200);
    assertThat(first.get("occurrences")).hasSize(200);
  }

  @Test
  void theTableNamesTheGreatestHubs() {
    Run run = run("--vectors", POINTS, "--nearest", "3");
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out())
        .startsWith("200 vectors of 16 numbers, 3 nearest of each")
        .contains("mutual proximity", "Greatest hubs of the vectors as they are:", "  vector ");
  }

  @Test
  void pairsOfTextsAreSearchedFor() throws IOException {
    Path pairs =
        Files.writeString(
            folder.resolve("pairs.tsv"),
            "fox is lazy\tfox plays\t1\ndog jumps\tdog is lazy\t1\nman plays\tbox jumps\t0\n");
    Run run = run("-m", MODEL, "--pairs", pairs.toString(), "--nearest", "2");
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).startsWith("6 vectors of").contains("fox is lazy");
  }

  @Test
  void whatCannotBeComparedIsRefused() throws IOException {
    assertThat(run("--vectors", POINTS, "--nearest", "200").err())
        .contains("200 nearest neighbours were asked for, and each of 200 vectors has 199 others");
    assertThat(run("-m", MODEL, "-p", "alone").err()).contains("at least two texts");
    assertThat(run("--vectors", POINTS, "--show", "PCA").err()).contains("stands alone");
    Path pairs = Files.writeString(folder.resolve("pairs.tsv"), "a fox\ta dog\n");
    assertThat(run("-m", MODEL, "--pairs", pairs.toString()).err())
        .contains("A pair has no label (\"a fox\")");
  }
}

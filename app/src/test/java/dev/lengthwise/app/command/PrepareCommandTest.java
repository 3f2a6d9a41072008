package dev.lengthwise.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.app.Run;
import dev.lengthwise.train.TrainConfig;
import dev.lengthwise.train.data.DataPreparation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrepareCommandTest {

  @TempDir Path folder;

  @Test
  void sourcesOfAllKindsBecomeShards() throws IOException {
    Path text = Files.writeString(folder.resolve("a.txt"), "some words and some words");
    Path lines = Files.writeString(folder.resolve("b.jsonl"), "{\"body\": \"other words\"}\n");
    Path out = folder.resolve("data");

    Run run =
        Run.of(
            "prepare",
            "--source=training=text:" + text,
            "--source=training=jsonl:" + lines + ",field=body",
            "--source=probe=generated:reverse,documents=7,shortest=2,longest=3,seed=5",
            "--source=validation=text:" + text,
            "--vocab=300",
            "--out=" + out);

    assertThat(run.status()).isZero();
    assertThat(run.out().strip()).isEqualTo(out.toString());
    assertThat(run.err()).contains("training: 2 documents", "probe: 7 documents");
    assertThat(Files.readString(out.resolve("training/manifest.json")))
        .contains("text a.txt", "jsonl b.jsonl field body");
    assertThat(Files.readString(out.resolve("probe/manifest.json")))
        .contains("generated reverse:2-3 seed 5: 7", "\"prompts\" : true");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tokenizer.json=generated:reverse | A shard may not be called 'tokenizer.json', which is a",
        "a=generated:reverse,longest=999999999 | upwards, at most 1,048,576, found 1 to 999999999",
        "a=generated:reverse,documents=-5 | number from 1 to 999999999 for documents, found '-5'",
      })
  void whatCannotBePreparedIsSaidInOneSentence(String source, String message) {
    Run run = Run.of("prepare", "--source=" + source, "--out=" + folder.resolve("data"));

    assertThat(run.status()).isNotZero();
    assertThat(run.err()).contains(message).doesNotContain("	at ");
    assertThat(folder).isEmptyDirectory();
  }

  /// The files that the model card names are what the commands read.
  @Test
  void theFilesOfTheBundledModelAreUnderstood() {
    Path model = Path.of("../models/java-5m");
    DataPreparation data = DataPreparation.read(model.resolve("data.json"));
    TrainConfig config = TrainConfig.read(model.resolve("train.json"));

    assertThat(data.shards()).containsOnlyKeys("training", "retrieval", "validation");
    assertThat(config.data().training())
        .extracting(share -> share.shard() + " " + share.windows() + " " + share.weight())
        .isEqualTo(
            List.of(
                "retrieval DOCUMENT_STARTS 0.1", "training REPEATED 0.2", "training CROPS 0.7"));
  }

  /// Otherwise a table of both would compare more than positions.
  @Test
  void theBundledModelsDifferInTheirMethodOnly() throws IOException {
    Path rope = Path.of("../models/java-5m");
    Path kerple = Path.of("../models/java-5m-kerple");

    assertThat(kerple.resolve("tokenizer.json"))
        .hasSameBinaryContentAs(rope.resolve("tokenizer.json"));
    assertThat(Files.readString(kerple.resolve("train.json")))
        .isEqualTo(
            Files.readString(rope.resolve("train.json"))
                .replace("\"method\" : \"rope\"", "\"method\" : \"kerple:kind=power\""));
  }
}

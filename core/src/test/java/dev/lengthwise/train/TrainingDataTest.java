package dev.lengthwise.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.text.PasskeyTemplate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingDataTest {

  @TempDir Path folder;

  @Test
  void windowsDependOnSeedAndStepOnly() {
    Path data = TinyTraining.data(folder);
    TrainConfig config = TinyTraining.config(9, 1);
    try (TrainingData one = TrainingData.open(data);
        TrainingData other = TrainingData.open(data)) {
      one.microBatch(config, 1, 0);
      assertThat(one.microBatch(config, 5, 1)).isEqualTo(other.microBatch(config, 5, 1));
      assertThat(one.microBatch(config, 5, 1)).isNotEqualTo(one.microBatch(config, 5, 0));
      assertThat(one.microBatch(config, 5, 1)).isNotEqualTo(one.microBatch(config, 6, 1));
      assertThat(one.microBatch(config, 5, 1)).hasSize(2 * 17);
    }
  }

  @Test
  void repeatingWindowsRepeatAPieceUntilTheyAreFull() {
    Path data = TinyTraining.data(folder);
    TrainConfig tiny = TinyTraining.config(9, 1);
    TrainConfig repeating =
        new TrainConfig(
            tiny.model(),
            63,
            tiny.method(),
            tiny.batch(),
            tiny.schedule(),
            tiny.optimizer(),
            tiny.initialisation(),
            0,
            1,
            tiny.seed(),
            tiny.precision(),
            tiny.threads(),
            tiny.intervals());
    try (TrainingData opened = TrainingData.open(data)) {
      long[] window = Arrays.copyOf(opened.microBatch(repeating, 1, 0), 64);
      boolean repeats = false;
      for (int period = 12; period <= 32; period++) {
        repeats |= Arrays.equals(window, period, 64, window, 0, 64 - period);
      }
      assertThat(repeats).isTrue();
    }
  }

  @Test
  void damagedShardIsNamed() throws IOException {
    Path data = TinyTraining.data(folder);
    Path shard = data.resolve("training.tokens");
    byte[] bytes = Files.readAllBytes(shard);
    bytes[3] ^= 1;
    Files.write(shard, bytes);

    assertRefused(data, "training.tokens", "SHA-256");
  }

  @Test
  void truncatedShardIsNamed() throws IOException {
    Path data = TinyTraining.data(folder);
    Path shard = data.resolve("training.tokens");
    Files.write(shard, Arrays.copyOf(Files.readAllBytes(shard), 100));

    assertRefused(data, "training.tokens has 100 bytes", "manifest expects");
  }

  @Test
  void damagedManifestIsNamed() throws IOException {
    Path data = TinyTraining.data(folder);
    Path manifest = data.resolve("retrieval.json");
    Files.writeString(manifest, "{\"tokens\": 5}");

    assertRefused(data, "retrieval.json", "not valid");
  }

  @Test
  void shardOfAnotherTokenizerIsRefused() throws IOException {
    Path data = TinyTraining.data(folder);
    Path manifest = data.resolve("training.json");
    String text = Files.readString(manifest);
    Files.writeString(
        manifest, text.replaceAll("\"tokenizer\" : \"[0-9a-f]+\"", "\"tokenizer\" : \"ab12\""));

    assertRefused(data, "made by the tokenizer ab12", "prepare the data again");
  }

  private static void assertRefused(Path data, String... parts) {
    assertThatThrownBy(() -> TrainingData.open(data).close())
        .isInstanceOf(LengthwiseException.class)
        .message()
        .contains(parts);
  }

  @Test
  void folderWithoutJarsIsRefused() {
    assertThatThrownBy(() -> SourceJars.in(folder))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("holds no file that ends in -sources.jar");
  }

  @Test
  void jarWithoutSourcesIsRefused() {
    Path jar = TinyTraining.jar(folder, "empty", "a/package-info.java", "package a;");

    assertThatThrownBy(() -> SourceJars.read(jar))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("holds no Java source");
  }

  @Test
  void fileThatIsNoJarIsRefused() throws IOException {
    Path jar =
        Files.write(folder.resolve("x-sources.jar"), "text".getBytes(StandardCharsets.UTF_8));

    assertThatThrownBy(() -> SourceJars.read(jar))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("x-sources.jar cannot be read");
  }

  @Test
  void corpusShorterThanAWindowIsRefused() {
    Path data = TinyTraining.data(folder);
    TrainConfig tiny = TinyTraining.config(1, 1);
    TrainConfig config =
        new TrainConfig(
            tiny.model(),
            1 << 20,
            tiny.method(),
            tiny.batch(),
            tiny.schedule(),
            tiny.optimizer(),
            tiny.initialisation(),
            tiny.retrievalShare(),
            tiny.repetitionShare(),
            tiny.seed(),
            tiny.precision(),
            tiny.threads(),
            tiny.intervals());
    try (TrainingData opened = TrainingData.open(data)) {
      assertThatThrownBy(() -> opened.check(config))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContaining("one window needs 1048577");
    }
  }

  // A text block would hide the line ends, which are the point.
  @SuppressWarnings("StringConcatToTextBlock")
  @Test
  void licenceHeaderTabsAndTablesAreLeftOut() {
    Path jar =
        TinyTraining.jar(
            folder,
            "mixed",
            "b/Table.java",
            "class Table { int[] x = {123456,234567,345678,456789,567890}; }",
            "b/Code.java",
            "/*\r\n"
                + " * Licensed.\r\n"
                + " */\r\n\r\n"
                + "package b;\r\n\r\n"
                + "/** Kept. */\r\n"
                + "class Code {\n"
                + "\tint a;\n"
                + "}\n",
            "META-INF/versions/9/b/Code.java",
            "class Newer {}");

    assertThat(SourceJars.read(jar))
        .containsExactly(
            new SourceFile(
                "b/Code.java", "package b;\n\n/** Kept. */\nclass Code {\n    int a;\n}\n"));
    assertThat(SourceJars.longest(jar).name()).isEqualTo("b/Code.java");
  }

  @Test
  void retrievalDocumentsAreTheSameEveryTimeAndAnswerable() {
    RetrievalDocuments documents = new RetrievalDocuments(3);
    for (int number = 0; number < 200; number++) {
      String text = documents.text(number);
      assertThat(new RetrievalDocuments(3).text(number)).isEqualTo(text);
      String answer = text.replaceAll("(?s).* ", "").replace(";", "").strip();
      assertThat(text.indexOf(answer)).isLessThan(text.length() - answer.length() - 2);
    }
    RetrievalDocuments.Question question = documents.question(1);
    assertThat(question.prompt()).startsWith(PasskeyTemplate.LANDMARK.instruction());
    assertThat(question.prompt()).endsWith(PasskeyTemplate.LANDMARK.question());
    assertThat(question.prompt()).contains("The pass key is" + question.answer() + ".");
  }

  @Test
  void badConfigurationNamesTheField() throws IOException {
    Path file = folder.resolve("train.json");
    AtomicFiles.writeJson(file, TinyTraining.config(5, 1));
    assertThat(TrainConfig.read(file)).isEqualTo(TinyTraining.config(5, 1));
    String good = Files.readString(file);

    Files.writeString(file, good.replace("\"layers\" : 2", "\"layers\" : 0"));
    assertThatThrownBy(() -> TrainConfig.read(file))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("model.layers")
        .hasMessageContaining("found 0");
    Files.writeString(file, good.replace("\"seed\" :", "\"sead\" : 3, \"seed\" :"));
    assertThatThrownBy(() -> TrainConfig.read(file))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("sead");
  }
}

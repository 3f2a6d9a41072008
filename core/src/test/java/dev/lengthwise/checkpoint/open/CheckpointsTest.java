package dev.lengthwise.checkpoint.open;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.FileBytes;
import dev.lengthwise.checkpoint.RealModels;
import dev.lengthwise.checkpoint.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckpointsTest {

  @TempDir Path folder;

  private Path gguf(String name) {
    return new FileBytes().ascii("GGUF").i32(3).i64(0, 0).writeTo(folder.resolve(name));
  }

  private Path safetensors(String name) {
    Path file = folder.resolve(name);
    SafetensorsWriter.writeEntries(file, Map.of("format", "pt"), List.of());
    return file;
  }

  /// Dim 2, hidden 1, 1 layer, 1 head, 1 token, length 1: 34 floats and the header.
  private Path llama2c(String name) {
    return new FileBytes()
        .i32(2, 1, 1, 1, 1, 1, 1)
        .f32(new float[2 + 3 * 2 + 4 * 4 + 3 * 2 + 2])
        .writeTo(folder.resolve(name));
  }

  private static void opens(Path path, String format) {
    try (Checkpoint checkpoint = Checkpoints.open(path)) {
      assertThat(checkpoint.format()).isEqualTo(format);
      assertThat(checkpoint.path()).isEqualTo(path);
    }
  }

  private void refused(Path path, String... message) {
    assertThatThrownBy(() -> Checkpoints.open(path).close())
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll(message)
        .hasMessageContaining(String.valueOf(path.getFileName()));
  }

  @Test
  void contentDecidesNotTheName() {
    opens(gguf("a.bin"), "gguf");
    opens(safetensors("b"), "safetensors");
    opens(llama2c("c.gguf"), "llama2.c");
  }

  @Test
  void folderIsOpenedWhenItHoldsOneCheckpoint() throws IOException {
    Files.write(folder.resolve("tokenizer.bin"), new byte[100]);
    Files.writeString(folder.resolve("notes.txt"), "x");
    Path file = llama2c("weights.bin");
    try (Checkpoint checkpoint = Checkpoints.open(folder)) {
      assertThat(checkpoint.path()).isEqualTo(file);
    }
    gguf("other.gguf");
    refused(folder, "several models", "other.gguf, weights.bin");
    safetensors("model.safetensors");
    opens(folder, "safetensors");
  }

  @Test
  void shardsWithoutAnIndexAreOneModel() {
    safetensors("model-00001-of-00002.safetensors");
    safetensors("model-00002-of-00002.safetensors");
    refused(folder, "2 shards of one model", "model.safetensors.index.json");
  }

  @Test
  void aFolderWithoutTheFirstPartOfAModelNamesIt() {
    gguf("model-00002-of-00002.gguf");
    refused(folder, "model-00001-of-00002.gguf", "does not exist");
  }

  @Test
  void absentAndEmptyAndUnknownFoldersAreRefused() throws IOException {
    refused(folder.resolve("absent"), "does not exist");
    refused(Files.createDirectory(folder.resolve("empty")), "holds no files");
    Files.writeString(folder.resolve("pytorch_model.bin"), "PK...");
    refused(folder, "no safetensors", "pytorch_model.bin");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x.bin | PK.... | 50 4b 2e 2e 2e 2e",
        "x.bin | PK.... | convert it to safetensors",
        "x | hello world | 68 65 6c 6c 6f 20 77 6f",
        "x.gguf | hello world | GGUF",
        "x.safetensors | hello world | header claims"
      })
  void unknownContentIsShown(String name, String content, String message) throws IOException {
    refused(Files.writeString(folder.resolve(name), content), message);
  }

  @Test
  void aPointerOfGitLfsIsSaidToBeOne() throws IOException {
    Path pointer =
        Files.writeString(
            folder.resolve("model.safetensors"),
            "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 4096\n");
    refused(pointer, "pointer of Git LFS", "git lfs pull");
    refused(folder, "pointer of Git LFS");
  }

  @Test
  void pickledWeightsAreToBeConverted() throws IOException {
    Files.writeString(folder.resolve("config.json"), "{}");
    Files.write(folder.resolve("pytorch_model.bin"), new byte[] {'P', 'K', 3, 4});
    refused(folder, "pytorch_model.bin", "convert them to safetensors");
  }

  @Test
  void settingsInPlaceOfWeightsAreNamed() throws IOException {
    Path config = Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"llama\"}");
    refused(config, "as JSON does", "name the folder");
    refused(folder, "config.json", "weights are missing");
  }

  @Test
  void emptyFileIsRefused() throws IOException {
    refused(Files.createFile(folder.resolve("nothing")), "is empty; expected a safetensors");
  }

  @ParameterizedTest
  @CsvSource({
    "models/babyllama-105, llama2.c",
    "models/llama2-tiny-random-gguf, gguf",
    "models/gptj-tiny-random, safetensors",
    "models/stories260K, llama2.c"
  })
  void realFoldersAreRecognised(String name, String format) {
    try (Checkpoint checkpoint = Checkpoints.open(RealModels.file(name))) {
      assertThat(checkpoint.format()).isEqualTo(format);
      assertThat(checkpoint.sha256()).matches("[0-9a-f]{64}");
    }
  }
}

package dev.lengthwise.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A jar with a damaged encoder is refused before a folder is made of it, which would stay.
class DamagedEncoderJarTest {

  private static final PublishedEncoder.Source SOURCE = PublishedEncoder.Source.MINI_LM;
  private static final String NAME = "all-minilm-l6-v2";
  private static final String TOKENIZER =
      """
      {"model": {"type": "WordPiece", "unk_token": "a", "continuing_subword_prefix": "##",
       "max_input_chars_per_word": 9, "vocab": {"a": 0, "b": 1}},
       "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true}}
      """;

  @TempDir Path folder;

  private Path jar(String tokenizer) throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put(NAME + ".onnx", model());
    files.put(NAME + "-tokenizer.json", tokenizer.getBytes(StandardCharsets.UTF_8));
    Path jar = folder.resolve("an.jar");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        zip.putNextEntry(new ZipEntry(file.getKey()));
        zip.write(file.getValue());
      }
    }
    return jar;
  }

  // What the header is made of: two words, two places, one type, no layer but a first table.
  private static byte[] model() throws IOException {
    return OnnxWeightsTest.model(
        table("embeddings.word_embeddings.weight", 2),
        table("embeddings.position_embeddings.weight", 2),
        table("embeddings.token_type_embeddings.weight", 1),
        table("encoder.layer.0.intermediate.dense.weight", 1));
  }

  private static OnnxWeightsTest.Field table(String name, int rows) {
    return OnnxWeightsTest.weight(name, 1, new float[rows * 32], rows, 32);
  }

  @Test
  void aWholeJarBecomesAFolder() throws IOException {
    Path made = folder.resolve("encoder");

    SOURCE.write(jar(TOKENIZER), made);

    assertThat(made.resolve("tokenizer.json")).hasContent(TOKENIZER);
    assertThat(made.resolve("model.safetensors")).exists();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"vocab\": {\"a\": 0, \"b\": 1}}, | \"vocab\": | is not valid JSON",
        "\"vocab\" | \"words\" | is JSON but not a tokenizer.json",
        "\"b\": 1 | \"b\": -1 | gives the token \"b\" the id -1",
        "\"b\": 1 | \"b\": 1, \"c\": 2 | has 3 tokens, and the weights beside it have 2 words",
        "\"unk_token\" | \"token\" | is not a tokenizer that the tokenizers library can build",
      })
  void aDamagedTokenizerIsRefused(String right, String wrong, String why) throws IOException {
    Path jar = jar(TOKENIZER.replace(right, wrong));
    Path made = folder.resolve("encoder");

    assertThatThrownBy(() -> SOURCE.write(jar, made))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageStartingWith(jar + "!" + NAME + "-tokenizer.json " + why);
    assertThat(made).doesNotExist();
  }

  @Test
  void whatIsNoJarSaysHowToFetchIt() throws IOException {
    Path jar = Files.writeString(folder.resolve("an.jar"), "<html>not found</html>");
    Path made = folder.resolve("encoder");

    assertThatThrownBy(() -> SOURCE.write(jar, made))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageStartingWith("The jar " + jar + " cannot be read: ")
        .hasMessageContaining("delete it, and fetch it with 'mvn ");
  }

  @Test
  void aChangedByteIsFound() throws IOException {
    Path jar = jar(TOKENIZER);
    byte[] bytes = Files.readAllBytes(jar);
    int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(NAME + ".onnx");
    bytes[at + NAME.length() + 12] ^= 4;
    Files.write(jar, bytes);
    Path made = folder.resolve("encoder");

    assertThatThrownBy(() -> SOURCE.write(jar, made))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageStartingWith("The jar " + jar)
        .hasMessageContaining("fetch it with 'mvn ");
  }
}

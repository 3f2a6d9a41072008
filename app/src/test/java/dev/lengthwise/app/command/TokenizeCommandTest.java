package dev.lengthwise.app.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lengthwise.app.Run;
import dev.lengthwise.checkpoint.gguf.GgufMetadata;
import dev.lengthwise.checkpoint.gguf.GgufWriter;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.tokenizer.train.TokenizerTrainer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizeCommandTest {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir Path folder;

  /// Ids 0 and 1 are `<|begin|>` and `<|end|>`, 2 to 257 the bytes, 258 is `ab`.
  private String json() {
    Path file = folder.resolve("tokenizer.json");
    TokenizerTrainer trainer = new TokenizerTrainer();
    trainer.add("abab");
    trainer.train(259, List.of("<|begin|>", "<|end|>")).writeTo(file);
    return file.toString();
  }

  /// SentencePiece BPE: unknown, begin, end, then `▁`, `a`, `b`, `▁a`, `▁ab`.
  private String gguf() {
    String prefix = "tokenizer.ggml.";
    GgufMetadata metadata =
        new GgufMetadata()
            .putText("general.architecture", "llama")
            .putText(prefix + "model", "llama")
            .putTexts(
                prefix + "tokens", List.of("<unk>", "<s>", "</s>", "▁", "a", "b", "▁a", "▁ab"))
            .putFloats(prefix + "scores", new float[] {0, 0, 0, -4, -5, -6, -1, -2})
            .putWholes(prefix + "token_type", new int[] {2, 3, 3, 1, 1, 1, 1, 1});
    Path file = folder.resolve("vocabulary.gguf");
    try (Workers workers = new Workers(1)) {
      new GgufWriter(workers, _ -> {}).write(file, metadata, List.of());
    }
    return file.toString();
  }

  private static int[] ids(String line) throws IOException {
    JsonNode result = MAPPER.readTree(line);
    return MAPPER.convertValue(result.path("ids"), int[].class);
  }

  @Test
  void idsAndPiecesAreATable() {
    Run run = Run.of("tokenize", "-m", json(), "-p", "ab \n");
    assertThat(run.status()).isZero();
    assertThat(run.out().lines().map(String::strip))
        .containsExactly("id  piece", "258  \"ab\"", "34  \" \"", "12  \"\\n\"");
  }

  @Test
  void jsonHasTheSameAndPartsOfCharactersAsBytes() throws IOException {
    Run run = Run.of("tokenize", "-m", json(), "-p", "abé", "--json");
    assertThat(ids(run.out())).containsExactly(258, 2 + 0xC3, 2 + 0xA9);
    assertThat(MAPPER.readTree(run.out()).path("pieces").toString())
        .isEqualTo("[\"ab\",\"<C3>\",\"<A9>\"]");
  }

  @Test
  void controlTokensAreTextUnlessSpecial() throws IOException {
    String text = "<|begin|>ab<|end|>";
    assertThat(ids(Run.of("tokenize", "-m", json(), "-p", text, "--json").out()))
        .doesNotContain(0, 1);
    Run run = Run.of("tokenize", "-m", json(), "-p", text, "--json", "--special");
    assertThat(ids(run.out())).containsExactly(0, 258, 1);
    assertThat(run.out()).contains("\"<|begin|>\",\"ab\",\"<|end|>\"");
  }

  @Test
  void decodingGivesTheText() {
    assertThat(Run.of("tokenize", "-m", json(), "--decode", "-p", "0 258, 34 258 1").out().strip())
        .isEqualTo("ab ab");
    assertThat(
            Run.of("tokenize", "-m", json(), "--decode", "--special", "-p", "0 258 1")
                .out()
                .strip())
        .isEqualTo("<|begin|>ab<|end|>");
    assertThat(Run.of("tokenize", "-m", json(), "--decode", "-p", "x").err()).contains("'x'");
    assertThat(Run.of("tokenize", "-m", json(), "--decode", "-p", "259").err()).contains("259");
  }

  @Test
  void sentencePieceInGgufIsRead() throws IOException {
    assertThat(ids(Run.of("tokenize", "-m", gguf(), "-p", "ab b", "--json").out()))
        .containsExactly(7, 3, 5);
    assertThat(
            ids(Run.of("tokenize", "-m", gguf(), "-p", "<s>ab</s>", "--json", "--special").out()))
        .containsExactly(1, 7, 2);
    assertThat(Run.of("tokenize", "-m", gguf(), "--decode", "-p", "1 7 3 5").out().strip())
        .isEqualTo("ab b");
  }

  @Test
  void standardInputIsATextAndNoTextIsWrongUsage() throws IOException {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream("ab".getBytes(StandardCharsets.UTF_8)));
    try {
      assertThat(ids(Run.of("tokenize", "-m", json(), "-f", "-", "--json").out()))
          .containsExactly(258);
    } finally {
      System.setIn(before);
    }
    assertThat(Run.of("tokenize", "-m", json()).status()).isEqualTo(2);
  }

  @Test
  void aModelWithoutTokenizerSaysSo() {
    Path gguf = folder.resolve("none.gguf");
    try (Workers workers = new Workers(1)) {
      new GgufWriter(workers, _ -> {})
          .write(gguf, new GgufMetadata().putText("tokenizer.ggml.model", "no_vocab"), List.of());
    }
    Run run = Run.of("tokenize", "-m", gguf.toString(), "-p", "ab");
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("no_vocab").contains("copy it there");
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama-spm", "phi-3", "gpt-2", "falcon", "mpt"})
  void idsEqualThoseOfLlamaCpp(String name) throws IOException {
    String file = "tokenizers/gguf-vocab/ggml-vocab-" + name + ".gguf";
    Path vocabulary = sharedData(file);
    List<String> texts =
        List.of(Files.readString(sharedData(file + ".inp")).split("\n__ggml_vocab_test__\n", -1));
    List<String> expected = List.of(Files.readString(sharedData(file + ".out")).split("\n", -1));
    StringBuilder lines = new StringBuilder();
    StringBuilder ids = new StringBuilder();
    for (int i = 0; i < texts.size(); i++) {
      if (!texts.get(i).isEmpty()) {
        lines.append(MAPPER.writeValueAsString(Map.of("text", texts.get(i)))).append('\n');
        ids.append(expected.get(i).strip()).append('\n');
      }
    }
    Path documents = Files.writeString(folder.resolve("texts.jsonl"), lines);

    Run run = Run.of("tokenize", "-m", vocabulary.toString(), "-f", documents.toString(), "--json");

    StringBuilder found = new StringBuilder();
    for (String line : run.out().lines().toList()) {
      found.append(String.join(" ", Arrays.stream(ids(line)).mapToObj(Integer::toString).toList()));
      found.append('\n');
    }
    assertThat(found.toString())
        .isEqualTo(ids.toString())
        .hasLineCount(ids.toString().split("\n").length);
  }

  private static Path sharedData(String relative) {
    Path above = Path.of("").toAbsolutePath();
    while (above != null && !Files.isDirectory(above.resolve("shared/data"))) {
      above = above.getParent();
    }
    Path file = above == null ? Path.of(relative) : above.resolve("shared/data", relative);
    assumeTrue(Files.exists(file), "skipped: there is no shared/data/" + relative);
    return file;
  }
}

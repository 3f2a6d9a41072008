package dev.lengthwise.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.app.options.Home;
import dev.lengthwise.family.TokenizerFinder;
import dev.lengthwise.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// From a text to a GGUF file: the tokenizer that was trained first is the one inside it.
class TrainedTokenizerTest {

  private static final String TEXT =
      "It's 12345 apples, they'll count 678 PEARS.\n\n  if (x == 10) { return \"林黛玉 🙂\"; }\t";

  @TempDir private Path folder;

  private static void run(String... line) {
    Run run = Run.of(line);
    assertThat(run.status()).as("%s: %s", line[0], run.err()).isZero();
  }

  private Path settings() throws IOException {
    ObjectMapper json = new ObjectMapper();
    Path file = Path.of("..", "models", Home.BUNDLED_MODEL, "train.json");
    Path own = folder.resolve("train.json");
    json.writeValue(own.toFile(), ((ObjectNode) json.readTree(file.toFile())).put("threads", 1));
    return own;
  }

  private void prepare(Path tokenizer, Path text, Path data) {
    List<String> line = new ArrayList<>(List.of("prepare", "--tokenizer", tokenizer.toString()));
    for (String shard : List.of("training", "retrieval", "validation")) {
      line.addAll(List.of("--source", shard + "=text:" + text));
    }
    line.addAll(List.of("--out", data.toString()));
    run(line.toArray(String[]::new));
  }

  @Test
  void theTokenizerOfAQuantisedModelIsTheOneThatWasTrained() throws IOException {
    Path text = Files.writeString(folder.resolve("text.txt"), TEXT.repeat(300));
    Path tokenizer = folder.resolve("tokenizer.json");
    Path data = folder.resolve("data");
    Path trained = folder.resolve("run");
    Path gguf = folder.resolve("model.gguf");

    run("tokenizer", "train", "-f", text.toString(), "--vocab", "320", "--out", tokenizer + "");
    prepare(tokenizer, text, data);
    run("train", "--config", settings() + "", "--tiny", "--data", data + "", "--out", trained + "");
    run("quantize", trained.resolve("model") + "", gguf + "", "--type", "q8_0", "--quiet");

    Tokenizer before = TokenizerFinder.of(tokenizer);
    Tokenizer after = TokenizerFinder.of(gguf);
    for (String one : List.of(TEXT, "", "  \n", "don't 1 22 333 4444 <|end|> é")) {
      assertThat(after.encodeWhole(one)).isEqualTo(before.encodeWhole(one));
      assertThat(after.decode(after.encode(one))).isEqualTo(one);
    }
    assertThat(after.endOfText()).isEqualTo(before.endOfText());
    assertThat(Run.of("generate", "-m", gguf + "", "-p", "It's", "-n", "3").status()).isZero();
  }

  /// A SentencePiece model, and the same vocabulary in a GGUF file.
  @ParameterizedTest
  @ValueSource(strings = {"spm.model", "spm.gguf"})
  void aModelIsTrainedWithTheTokenizerOfAnother(String file) throws IOException {
    Path tokenizer = Path.of("../core/src/test/resources/tokenizers").resolve(file);
    Path text = Files.writeString(folder.resolve("text.txt"), TEXT.repeat(300));
    Path data = folder.resolve("data");
    Path trained = folder.resolve("run");
    Path gguf = folder.resolve("model.gguf");

    prepare(tokenizer, text, data);
    run("train", "--config", settings() + "", "--tiny", "--data", data + "", "--out", trained + "");
    run("quantize", trained.resolve("model") + "", gguf + "", "--type", "q8_0", "--quiet");

    int[] expected = TokenizerFinder.of(tokenizer).encodePrompt(TEXT);
    assertThat(TokenizerFinder.of(trained.resolve("model")).encodePrompt(TEXT)).isEqualTo(expected);
    assertThat(TokenizerFinder.of(gguf).encodePrompt(TEXT)).isEqualTo(expected);
  }

  @Test
  void aSecondTokenizerInAFolderOfDataIsRefused() throws IOException {
    Path fixtures = Path.of("../core/src/test/resources/tokenizers");
    Path text = Files.writeString(folder.resolve("text.txt"), TEXT.repeat(30));
    Path data = folder.resolve("data");
    prepare(fixtures.resolve("spm.model"), text, data);

    Run second =
        Run.of(
            "prepare",
            "--tokenizer",
            fixtures.resolve("hf-pairs") + "",
            "--source",
            "more=text:" + text,
            "--out",
            data + "");
    assertThat(second.status()).isOne();
    assertThat(second.err()).contains("has the tokenizer tokenizer.model already");
    assertThat(data.resolve("tokenizer.json")).doesNotExist();
  }
}

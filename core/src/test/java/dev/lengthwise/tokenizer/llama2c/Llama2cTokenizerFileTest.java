package dev.lengthwise.tokenizer.llama2c;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.Sha256;
import dev.lengthwise.tokenizer.SharedData;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.tokenizer.open.Tokenizers;
import dev.lengthwise.tokenizer.sentencepiece.SentencePieceFileTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Llama2cTokenizerFileTest {

  @TempDir Path folder;

  @Test
  void idsEqualThePlainGreedyAlgorithm() throws IOException {
    Path file = SharedData.file("models/stories260K/tok512.bin");
    Tokenizer tokenizer = Tokenizers.open(file);
    Greedy greedy = new Greedy(Files.readAllBytes(file));
    assertThat(tokenizer.vocabularySize()).isEqualTo(512);
    for (String story : Arrays.copyOf(SentencePieceFileTest.stories(), 60)) {
      assertThat(tokenizer.encode(story)).isEqualTo(greedy.encode(story));
      assertThat(tokenizer.decode(tokenizer.encode(story))).isEqualTo(story);
    }
    for (String text : List.of("", " ", "  two  spaces ", "林 🦙\n", "<s> </s>")) {
      assertThat(tokenizer.encode(text)).isEqualTo(greedy.encode(text));
      assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
    }
  }

  @Test
  void promptsBeginWithTokenOne() {
    Tokenizer tokenizer = Tokenizers.open(SharedData.file("models/stories260K/tok512.bin"));
    assertThat(tokenizer.encodePrompt("")).containsExactly(1);
    assertThat(tokenizer.endOfText()).hasValue(2);
    assertThat(tokenizer.bytes(1)).isEmpty();
    assertThat(tokenizer.bytes(3 + 10)).containsExactly('\n');
  }

  @Test
  void sameFileGivesTheSameSha() throws IOException {
    Path file = SharedData.file("models/stories260K/tok512.bin");
    assertThat(Tokenizers.open(file).sha256())
        .hasSize(64)
        .isEqualTo(Sha256.of(Files.readAllBytes(file)));
  }

  @Test
  void truncationInsideATokenIsAClearError() throws IOException {
    byte[] content = Files.readAllBytes(SharedData.file("models/stories260K/tok512.bin"));
    for (int missing = 1; missing < 8; missing++) {
      assertError(Arrays.copyOf(content, content.length - missing), "cut.bin");
    }
    assertError(Arrays.copyOf(content, 20), "cut.bin");
    assertError(Arrays.copyOf(content, 3), "cut.bin");
  }

  @Test
  void absurdLengthIsAClearError() throws IOException {
    for (int length : new int[] {-1, 8, Integer.MAX_VALUE}) {
      ByteBuffer out = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
      out.putInt(7).putFloat(0).putInt(length);
      assertError(out.array(), "a length from 0 to 7");
    }
  }

  @Test
  void emptyMissingAndForeignFilesAreClearErrors() throws IOException {
    assertError(new byte[0], "empty");
    assertError("GGUF\3\0\0\0xxxxxxxxxxxx".getBytes(StandardCharsets.UTF_8), "47 47 55 46");
    assertError("once upon a time".getBytes(StandardCharsets.UTF_8), "expected a tokenizer.json");
    assertThatThrownBy(() -> Tokenizers.open(folder.resolve("none")))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("there is no file");
    assertThatThrownBy(() -> Tokenizers.open(folder))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("folder");
  }

  private void assertError(byte[] content, String part) throws IOException {
    Path file = Files.write(folder.resolve("cut.bin"), content);
    assertThatThrownBy(() -> Tokenizers.open(file))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining(part);
  }

  /// Looks at all neighbours before each merge, as the format's own program does.
  private static final class Greedy {
    private final Map<String, Integer> ids = new HashMap<>();
    private final List<String> texts = new ArrayList<>();
    private final List<Float> scores = new ArrayList<>();

    Greedy(byte[] content) {
      ByteBuffer in = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
      in.getInt();
      while (in.hasRemaining()) {
        scores.add(in.getFloat());
        byte[] text = new byte[in.getInt()];
        in.get(text);
        ids.putIfAbsent(new String(text, StandardCharsets.UTF_8), texts.size());
        texts.add(new String(text, StandardCharsets.UTF_8));
      }
    }

    int[] encode(String text) {
      List<Integer> symbols = new ArrayList<>();
      String spaced = text.isEmpty() ? "" : " " + text;
      for (int point : spaced.codePoints().toArray()) {
        Integer id = ids.get(Character.toString(point));
        if (id != null) {
          symbols.add(id);
        } else {
          for (byte value : Character.toString(point).getBytes(StandardCharsets.UTF_8)) {
            symbols.add(3 + (value & 0xFF));
          }
        }
      }
      while (true) {
        int best = -1;
        int joint = -1;
        for (int i = 0; i + 1 < symbols.size(); i++) {
          Integer id = ids.get(texts.get(symbols.get(i)) + texts.get(symbols.get(i + 1)));
          if (id != null && (best < 0 || scores.get(id) > scores.get(joint))) {
            best = i;
            joint = id;
          }
        }
        if (best < 0) {
          return symbols.stream().mapToInt(Integer::intValue).toArray();
        }
        symbols.set(best, joint);
        symbols.remove(best + 1);
      }
    }
  }
}

package dev.lengthwise.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.generate.ByteTokenizer;
import dev.lengthwise.train.data.DataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextSetsTest {

  @TempDir Path folder;
  private DataSource source;

  @BeforeEach
  void write() throws IOException {
    Path file = folder.resolve("a.jsonl");
    Files.writeString(
        file,
        """
        {"text": "abc"}
        {"text": "0123456789"}
        {"text": "wxyz"}
        {"text": "ABCDEFGH"}
        """);
    source = new DataSource.JsonLines(file, "text");
  }

  private static List<String> texts(List<int[]> ids) {
    return ids.stream().map(new ByteTokenizer()::decode).toList();
  }

  @Test
  void nonRepeatedTextsAreTheBeginOfLongDocuments() {
    assertThat(texts(TextSets.nonRepeated(source, new ByteTokenizer(), 8, 2)))
        .containsExactly("01234567", "ABCDEFGH");
  }

  @Test
  void repeatedTextsTileAShortDocumentUntilTheLengthIsFull() {
    assertThat(texts(TextSets.repeated(source, new ByteTokenizer(), 4, 10, 2)))
        .containsExactly("wxyzwxyzwx", "ABCDEFGHAB");
    assertThat(TextSets.tiled(new int[] {1, 2, 3}, 7)).containsExactly(1, 2, 3, 1, 2, 3, 1);
  }

  @Test
  void tooFewDocumentsAreNamed() {
    assertThatThrownBy(() -> TextSets.nonRepeated(source, new ByteTokenizer(), 9, 2))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("has 1 documents of at least 9 tokens; expected 2");
  }
}

package dev.lengthwise.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import io.airlift.compress.v3.zstd.ZstdOutputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DocumentsTest {

  private static final String LINES = "{\"text\":\"one\"}\n\n{\"id\":2,\"text\":\"zwei é\"}\n";

  @TempDir Path folder;

  private Path write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    try (OutputStream raw = Files.newOutputStream(file);
        OutputStream stream =
            name.endsWith(".gz")
                ? new GZIPOutputStream(raw)
                : name.endsWith(".zst") ? new ZstdOutputStream(raw) : raw) {
      stream.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return file;
  }

  private static List<String> texts(Path file) {
    return Documents.read(file, "text").stream().map(Document::text).toList();
  }

  @Test
  void aTextFileIsOneDocument() throws IOException {
    Document only = Documents.read(write("a.txt", "abc"), "text").getFirst();
    assertThat(only.name()).isEqualTo("a.txt");
    assertThat(only.text()).isEqualTo("abc");
    assertThat(only.sha256())
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assertThat(texts(write("b.txt.gz", "é\n"))).containsExactly("é\n");
    assertThat(texts(write("c.zst", "é"))).containsExactly("é");
  }

  @Test
  void jsonLinesAreDocumentsWithTheirLineNumbers() throws IOException {
    for (String name : List.of("a.jsonl", "a.jsonl.gz", "a.jsonl.zst")) {
      Path file = write(name, LINES);
      assertThat(texts(file)).containsExactly("one", "zwei é");
      assertThat(Documents.read(file, "text").getLast().name()).isEqualTo(name + ":3");
    }
  }

  @Test
  void endingsMayBeInAnyCaseOfLetters() throws IOException {
    assertThat(texts(write("a.JSONL", LINES))).containsExactly("one", "zwei é");
    assertThat(texts(write("a.ndjson", LINES))).containsExactly("one", "zwei é");
  }

  @Test
  void jsonIsAnArrayOfDocumentsOrOneAfterTheOther() throws IOException {
    assertThat(texts(write("a.json", "[{\"text\": \"one\"},\n \"two\"]")))
        .containsExactly("one", "two");
    assertThat(texts(write("b.json.gz", LINES))).containsExactly("one", "zwei é");
    assertError(write("c.json", "{\"body\": \"x\"}"), "Document 1", "c.json", "[body]");
    assertError(write("d.json", "int x;"), "d.json is not JSON", ".txt");
  }

  @Test
  void linesOfATextFileAreShortTextsHoweverItsEndingIsWritten() throws IOException {
    for (String name : List.of("a.txt", "B.TXT", "c.Txt.gz")) {
      assertThat(Documents.shortTexts(write(name, "one\n \nzwei é\n"), "text"))
          .as(name)
          .containsExactly("one", "zwei é");
    }
    assertThat(Documents.shortTexts(write("d.jsonl", LINES), "text"))
        .containsExactly("one", "zwei é");
    assertThat(Documents.shortTexts(write("e.java", "a\nb"), "text")).containsExactly("a\nb");
  }

  @Test
  void aByteOrderMarkIsNoPartOfTheText() throws IOException {
    assertThat(texts(write("a.txt", "\uFEFFabc"))).containsExactly("abc");
    assertThat(texts(write("a.jsonl", "\uFEFF" + LINES))).containsExactly("one", "zwei é");
    assertThat(texts(write("a.json", "\uFEFF[\"x\"]"))).containsExactly("x");
  }

  @Test
  void standardInputIsAFile() {
    InputStream before = System.in;
    try {
      System.setIn(new ByteArrayInputStream("typed".getBytes(StandardCharsets.UTF_8)));
      Document only = Documents.read(Path.of("-"), "text").getFirst();
      assertThat(only.name()).isEqualTo("standard input");
      assertThat(only.text()).isEqualTo("typed");
    } finally {
      System.setIn(before);
    }
  }

  @Test
  void aBadLineIsNamedByNumber() throws IOException {
    assertError(write("a.jsonl", "{\"text\":\"one\"}\n{bad\n"), "Line 2", "not JSON");
    assertError(write("b.jsonl", "{\"text\":\"one\"}\n{\"body\":\"x\"}"), "Line 2", "[body]");
    assertError(write("c.jsonl", "{\"text\":1}"), "Line 1", "no text in its field 'text' but 1");
    assertError(write("d.jsonl", "[1]"), "Line 1", "no text field");
  }

  @Test
  void filesThatHoldNoTextAreErrors() throws IOException {
    assertError(write("a.txt", ""), "is empty");
    assertError(write("a.jsonl", "\n\n"), "is empty");
    assertError(folder.resolve("none.txt"), "no text file");
    assertError(folder, "is a folder");
    Path latin = folder.resolve("latin.txt");
    Files.write(latin, new byte[] {'a', (byte) 0xE9, 'b'});
    assertError(latin, "not UTF-8");
  }

  @Test
  void damagedArchivesAreErrors() throws IOException {
    Path gzip = folder.resolve("a.gz");
    Files.writeString(gzip, "no archive");
    assertError(gzip, "Cannot read");
    Path zstd = folder.resolve("a.zst");
    Files.writeString(zstd, "no archive");
    assertError(zstd, "Cannot read");
    Path whole = write("b.zst", LINES.repeat(50));
    Path cut = folder.resolve("cut.zst");
    byte[] bytes = Files.readAllBytes(whole);
    Files.write(cut, java.util.Arrays.copyOf(bytes, bytes.length / 2));
    assertError(cut, "Cannot read");
  }

  private static void assertError(Path file, String... parts) {
    assertThatThrownBy(() -> Documents.read(file, "text"))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll(parts);
  }
}

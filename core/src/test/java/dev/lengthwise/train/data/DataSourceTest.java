package dev.lengthwise.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.text.GeneratedTexts;
import io.airlift.compress.v3.zstd.ZstdOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataSourceTest {

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

  private static List<String> texts(DataSource source) {
    try (Stream<TrainingText> documents = source.documents(_ -> {})) {
      return documents.map(TrainingText::all).toList();
    }
  }

  @Test
  void aFolderGivesItsFilesByName() throws IOException {
    write("b.txt", "second");
    write("a.txt.gz", "first");
    write("c.txt.zst", "third");
    write("d.jsonl", "{\"body\":\"one\"}\n\n{\"body\":\"two\"}\n");
    write("e.jsonl.zst", "{\"body\":\"three\"}");
    write("f.jsonl.gz", "{\"body\":\"four\"}\r\n");

    assertThat(texts(new DataSource.Text(folder))).containsExactly("first", "second", "third");
    assertThat(texts(new DataSource.JsonLines(folder, "body")))
        .containsExactly("one", "two", "three", "four");
  }

  @Test
  void aFileMayHaveAnyName() throws IOException {
    assertThat(texts(new DataSource.Text(write("README.md", "text")))).containsExactly("text");
    assertThat(texts(new DataSource.JsonLines(write("x.json", "{\"text\":\"a\"}"), "text")))
        .containsExactly("a");
  }

  @Test
  void generatedQuestionsAreLearntFromTheirAnswers() {
    GeneratedTexts texts = GeneratedTexts.usual("reverse", 4);
    try (Stream<TrainingText> documents = new DataSource.Generated(texts, 3).documents(_ -> {})) {
      assertThat(documents)
          .containsExactly(
              new TrainingText(texts.question(0).prompt(), texts.question(0).answer()),
              new TrainingText(texts.question(1).prompt(), texts.question(1).answer()),
              new TrainingText(texts.question(2).prompt(), texts.question(2).answer()));
    }
    GeneratedTexts whole = GeneratedTexts.usual("retrieval", 4);
    try (Stream<TrainingText> documents = new DataSource.Generated(whole, 1).documents(_ -> {})) {
      assertThat(documents).containsExactly(new TrainingText("", whole.question(0).text()));
    }
  }

  /// Who reads more than is taken finds the damaged line.
  @Test
  void documentsAreReadOneByOne() throws IOException {
    Path file = write("a.jsonl", "{\"text\":\"one\"}\n{damaged\n");
    try (Stream<TrainingText> documents =
        new DataSource.JsonLines(file, "text").documents(_ -> {})) {
      assertThat(documents.limit(1).map(TrainingText::all)).containsExactly("one");
    }
  }

  @Test
  void unreadableFilesAreNamedInOneSentence() throws IOException {
    assertRefused(new DataSource.Text(folder.resolve("none")), "no file or folder", "none");
    assertRefused(new DataSource.Text(folder), "holds no file that ends in .txt or .txt.gz");
    assertRefused(new DataSource.Jar(folder), "holds no file that ends in -sources.jar");
    assertRefused(new DataSource.JsonLines(folder, "text"), "ends in .jsonl or");
    assertRefused(
        new DataSource.JsonLines(write("a.jsonl", "{\"text\":\"x\"}\n{bad"), "text"), "Line 2");
    for (String ending : List.of("gz", "zst")) {
      Path file = write("cut.jsonl." + ending, lines(400));
      byte[] bytes = Files.readAllBytes(file);
      Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
      assertRefused(new DataSource.JsonLines(file, "text"), "Cannot read", "cut.jsonl." + ending);
      Path noArchive = folder.resolve("no.jsonl." + ending);
      Files.writeString(noArchive, "this is no archive");
      assertRefused(new DataSource.JsonLines(noArchive, "text"), "Cannot read", "no.jsonl");
    }
    Path latin = folder.resolve("latin.txt");
    Files.write(latin, new byte[] {'a', (byte) 0xE9, 'b'});
    assertRefused(new DataSource.Text(latin), "not UTF-8");
  }

  private static String lines(int count) {
    StringBuilder text = new StringBuilder();
    for (int line = 0; line < count; line++) {
      text.append("{\"text\":\"line %d %x\"}\n".formatted(line, line * 0x9E3779B9L));
    }
    return text.toString();
  }

  private static void assertRefused(DataSource source, String... parts) {
    assertThatThrownBy(() -> texts(source))
        .isInstanceOf(LengthwiseException.class)
        .message()
        .contains(parts);
  }

  @Test
  void jarWithoutSourcesIsRefused() {
    Path jar = Corpus.jar(folder, "empty", "a/package-info.java", "package a;");

    assertRefused(new DataSource.Jar(jar), "holds no Java source");
  }

  @Test
  void sourcesThatAreNotUtf8AreLeftOutAndCounted() throws IOException {
    Path jar = folder.resolve("latin-sources.jar");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
      zip.putNextEntry(new ZipEntry("a/Latin.java"));
      zip.write("class Latin {} // é".getBytes(StandardCharsets.ISO_8859_1));
      zip.putNextEntry(new ZipEntry("a/Utf.java"));
      zip.write("class Utf {} // é".getBytes(StandardCharsets.UTF_8));
    }
    List<String> notices = new ArrayList<>();
    try (Stream<TrainingText> documents = new DataSource.Jar(jar).documents(notices::add)) {
      assertThat(documents.map(TrainingText::all)).containsExactly("class Utf {} // é");
    }
    assertThat(notices)
        .containsExactly(
            "latin-sources.jar: 1 files are not UTF-8 and were left out, such as a/Latin.java");
  }

  @Test
  void fileThatIsNoJarIsRefused() throws IOException {
    assertRefused(new DataSource.Jar(write("x-sources.jar", "text")), "x-sources.jar cannot be");
  }

  // A text block would hide the line ends, which are the point.
  @SuppressWarnings("StringConcatToTextBlock")
  @Test
  void licenceHeaderTabsAndTablesAreLeftOut() {
    Path jar =
        Corpus.jar(
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

    assertThat(texts(new DataSource.Jar(jar)))
        .containsExactly("package b;\n\n/** Kept. */\nclass Code {\n    int a;\n}\n");
    assertThat(SourceJars.longest(jar).name()).isEqualTo("b/Code.java");
  }
}

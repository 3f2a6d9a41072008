package dev.lengthwise.train.data;

import dev.lengthwise.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// Small corpora for tests.
final class Corpus {

  private Corpus() {}

  /// A `sources` jar with these files, whose names and texts alternate.
  static Path jar(Path folder, String name, String... namesAndTexts) {
    Path jar = folder.resolve(name + "-sources.jar");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
      for (int entry = 0; entry < namesAndTexts.length; entry += 2) {
        zip.putNextEntry(new ZipEntry(namesAndTexts[entry]));
        zip.write(namesAndTexts[entry + 1].getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
      }
      return jar;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A file of JSON lines with a document for each text, in the field `text`.
  static DataSource lines(Path folder, String... texts) {
    Path file = folder.resolve("corpus.jsonl");
    try (OutputStream stream = Files.newOutputStream(file)) {
      for (String text : texts) {
        stream.write("{\"text\":\"%s\"}%n".formatted(text).getBytes(StandardCharsets.UTF_8));
      }
      return new DataSource.JsonLines(file, "text");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Every character is a token, its code plus `offset` the id; 0 begins and 1 ends a text.
  ///
  /// @param vocabularySize number of ids
  /// @param offset of the ids
  record CharacterTokenizer(int vocabularySize, int offset) implements Tokenizer {

    static final CharacterTokenizer ASCII = new CharacterTokenizer(128, 0);

    @Override
    public int[] encode(String text) {
      return text.chars().map(one -> one + offset).toArray();
    }

    @Override
    public byte[] bytes(int id) {
      return id < 2 ? new byte[0] : new byte[] {(byte) (id - offset)};
    }

    @Override
    public OptionalInt beginOfText() {
      return OptionalInt.of(0);
    }

    @Override
    public OptionalInt endOfText() {
      return OptionalInt.of(1);
    }

    @Override
    public boolean addsBeginOfText() {
      return true;
    }

    @Override
    public String sha256() {
      return "characters";
    }

    @Override
    public String name() {
      return "characters";
    }
  }
}

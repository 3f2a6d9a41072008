package dev.lengthwise.text;

import dev.lengthwise.LengthwiseException;
import io.airlift.compress.v3.MalformedInputException;
import io.airlift.compress.v3.zstd.ZstdInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/// UTF-8 from files that may be compressed, with one sentence for whatever can go wrong.
final class TextInput {

  /// The name of standard input.
  static final Path STANDARD_INPUT = Path.of("-");

  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private TextInput() {}

  /// The ending of a file's name, such as `.jsonl`, in lower case and without that of a
  /// compression.
  static String ending(Path file) {
    String name = lowerCase(file).replaceFirst("\\.(gz|zst)$", "");
    return name.contains(".") ? name.substring(name.lastIndexOf('.')) : "";
  }

  private static String lowerCase(Path file) {
    return String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
  }

  /// A step that reads.
  @FunctionalInterface
  interface Step<T extends @Nullable Object> {
    T run() throws IOException;
  }

  /// Opens a file, or standard input, compressed when its name ends in `.gz` or `.zst`; bytes that
  /// are not UTF-8 are an error. A byte order mark is no part of the text.
  static BufferedReader open(Path file) {
    if (Files.isDirectory(file)) {
      throw new LengthwiseException("'" + file + "' is a folder; give a text file");
    }
    InputStream stream = read(file, () -> decompressed(file));
    BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                stream,
                StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT)));
    read(file, () -> skipMark(reader));
    return reader;
  }

  private static boolean skipMark(BufferedReader reader) throws IOException {
    reader.mark(1);
    boolean marked = reader.read() == BYTE_ORDER_MARK;
    if (!marked) {
      reader.reset();
    }
    return marked;
  }

  /// What a file is called in messages.
  static String nameOf(Path file) {
    return file.equals(STANDARD_INPUT) ? "standard input" : "the text file " + file;
  }

  private static InputStream decompressed(Path file) throws IOException {
    if (file.equals(STANDARD_INPUT)) {
      return System.in;
    }
    String name = lowerCase(file);
    InputStream raw = Files.newInputStream(file);
    try {
      if (name.endsWith(".gz")) {
        return new GZIPInputStream(raw);
      }
      return name.endsWith(".zst") ? new ZstdInputStream(raw) : raw;
    } catch (IOException | RuntimeException e) {
      raw.close();
      throw e;
    }
  }

  /// Runs `step`, which reads `file`.
  static <T extends @Nullable Object> T read(Path file, Step<T> step) {
    try {
      return step.run();
    } catch (NoSuchFileException e) {
      throw new LengthwiseException("There is no text file " + file + "; check the path", e);
    } catch (CharacterCodingException e) {
      throw new LengthwiseException(
          "%s is not UTF-8; convert it, for instance with iconv".formatted(capital(nameOf(file))),
          e);
    } catch (IOException | MalformedInputException e) { // the second from damaged Zstandard
      String message = e.getMessage();
      throw new LengthwiseException(
          "Cannot read "
              + nameOf(file)
              + ": "
              + (message == null ? e.getClass().getSimpleName() : message),
          e);
    }
  }

  /// A name at the start of a sentence.
  static String capital(String name) {
    return Character.toUpperCase(name.charAt(0)) + name.substring(1);
  }
}

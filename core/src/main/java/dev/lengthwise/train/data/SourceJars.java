package dev.lengthwise.train.data;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.FileReason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/// Java sources in `sources` jars, as Maven copies them.
///
/// Files are in the order of their names. Variants for other Java releases
/// (`META-INF`), package descriptions, number tables and files that are not UTF-8 are left out.
public final class SourceJars {

  private static final int LARGEST_FILE = 16 << 20;

  private SourceJars() {}

  /// The source files of one jar, read one by one; the caller closes the stream.
  ///
  /// @throws LengthwiseException when the jar is damaged or holds no source
  public static Stream<SourceFile> stream(Path jar) {
    return stream(jar, _ -> {});
  }

  /// As the other `stream`.
  ///
  /// @param notices gets a sentence when the stream is closed and files were not UTF-8
  static Stream<SourceFile> stream(Path jar, Consumer<String> notices) {
    ZipFile zip = open(jar);
    List<? extends ZipEntry> entries =
        zip.stream()
            .filter(SourceJars::isSource)
            .sorted(Comparator.comparing(ZipEntry::getName))
            .toList();
    if (entries.isEmpty()) {
      close(jar, zip);
      throw new LengthwiseException("Jar " + jar + " holds no Java source.");
    }
    List<String> skipped = new ArrayList<>();
    return entries.stream()
        .flatMap(entry -> file(jar, zip, entry, skipped).stream())
        .filter(file -> !file.isTable())
        .onClose(() -> close(jar, zip))
        .onClose(() -> tell(jar, skipped, notices));
  }

  private static void tell(Path jar, List<String> skipped, Consumer<String> notices) {
    if (!skipped.isEmpty()) {
      notices.accept(
          "%s: %,d files are not UTF-8 and were left out, such as %s"
              .formatted(jar.getFileName(), skipped.size(), skipped.getFirst()));
    }
  }

  private static Optional<SourceFile> file(
      Path jar, ZipFile zip, ZipEntry entry, List<String> skipped) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(bytesOf(jar, zip, entry)).toString();
      return Optional.of(SourceFile.of(entry.getName(), text));
    } catch (CharacterCodingException _) {
      skipped.add(entry.getName());
      return Optional.empty();
    }
  }

  /// The longest source file of a jar.
  public static SourceFile longest(Path jar) {
    try (Stream<SourceFile> files = stream(jar)) {
      return files
          .max(Comparator.comparingInt((SourceFile file) -> file.text().length()))
          .orElseThrow(() -> new LengthwiseException("Jar " + jar + " holds number tables only."));
    }
  }

  private static ZipFile open(Path jar) {
    try {
      return new ZipFile(jar.toFile());
    } catch (IOException e) {
      throw unreadable(jar, e);
    }
  }

  private static void close(Path jar, ZipFile zip) {
    try {
      zip.close();
    } catch (IOException e) {
      throw unreadable(jar, e);
    }
  }

  private static LengthwiseException unreadable(Path jar, IOException e) {
    return new LengthwiseException(
        "Jar " + jar + " cannot be read: " + FileReason.of(e) + "; copy it again.", e);
  }

  private static boolean isSource(ZipEntry entry) {
    String name = entry.getName();
    return name.endsWith(".java")
        && !name.startsWith("META-INF/")
        && !name.endsWith("package-info.java")
        && !name.endsWith("module-info.java");
  }

  private static ByteBuffer bytesOf(Path jar, ZipFile zip, ZipEntry entry) {
    try (InputStream stream = zip.getInputStream(entry)) {
      byte[] bytes = stream.readNBytes(LARGEST_FILE + 1);
      if (bytes.length > LARGEST_FILE) {
        throw new LengthwiseException(
            "File %s in %s is above %d bytes.".formatted(entry.getName(), jar, LARGEST_FILE));
      }
      return ByteBuffer.wrap(bytes);
    } catch (IOException e) {
      throw unreadable(jar, e);
    }
  }
}

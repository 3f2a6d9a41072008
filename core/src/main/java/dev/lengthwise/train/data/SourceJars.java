package dev.lengthwise.train.data;

import dev.lengthwise.LengthwiseException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/// Java sources in `sources` jars, as Maven copies them.
///
/// Files are in the order of their names. Variants for other Java releases
/// (`META-INF`), package descriptions and number tables are left out.
public final class SourceJars {

  private static final int LARGEST_FILE = 16 << 20;

  private SourceJars() {}

  /// The source files of one jar, read one by one; the caller closes the stream.
  ///
  /// @throws LengthwiseException when the jar is damaged or holds no source
  public static Stream<SourceFile> stream(Path jar) {
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
    return entries.stream()
        .map(entry -> SourceFile.of(entry.getName(), textOf(jar, zip, entry)))
        .filter(file -> !file.isTable())
        .onClose(() -> close(jar, zip));
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
        "Jar " + jar + " cannot be read: " + e.getMessage() + "; copy it again.", e);
  }

  private static boolean isSource(ZipEntry entry) {
    String name = entry.getName();
    return name.endsWith(".java")
        && !name.startsWith("META-INF/")
        && !name.endsWith("package-info.java")
        && !name.endsWith("module-info.java");
  }

  private static String textOf(Path jar, ZipFile zip, ZipEntry entry) {
    try (InputStream stream = zip.getInputStream(entry)) {
      byte[] bytes = stream.readNBytes(LARGEST_FILE + 1);
      if (bytes.length > LARGEST_FILE) {
        throw new LengthwiseException(
            "File %s in %s is above %d bytes.".formatted(entry.getName(), jar, LARGEST_FILE));
      }
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw unreadable(jar, e);
    }
  }
}

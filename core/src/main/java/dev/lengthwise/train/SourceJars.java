package dev.lengthwise.train;

import dev.lengthwise.LengthwiseException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/// Java sources in the `sources` jars of a folder, as Maven copies them.
///
/// Files are in the order of jar names, then of names inside. Variants for other Java releases
/// (`META-INF`), package descriptions and number tables are left out.
public final class SourceJars {

  private static final long LARGEST_FILE = 16L << 20;

  private SourceJars() {}

  /// The jars of `folder` by name; [LengthwiseException] when there is none.
  public static List<Path> in(Path folder) {
    try (var files = Files.list(folder)) {
      List<Path> jars =
          files
              .filter(file -> file.getFileName().toString().endsWith("-sources.jar"))
              .sorted(Comparator.comparing(file -> file.getFileName().toString()))
              .toList();
      if (jars.isEmpty()) {
        throw new LengthwiseException(
            "Folder "
                + folder
                + " holds no file that ends in -sources.jar; copy the jars of the corpus there.");
      }
      return jars;
    } catch (IOException e) {
      throw new LengthwiseException("Folder " + folder + " cannot be read: " + e.getMessage(), e);
    }
  }

  /// The source files of `jars`.
  public static List<SourceFile> read(List<Path> jars) {
    List<SourceFile> files = new ArrayList<>();
    jars.forEach(jar -> files.addAll(read(jar)));
    return List.copyOf(files);
  }

  /// The source files of one jar; [LengthwiseException] when it is damaged or holds none.
  public static List<SourceFile> read(Path jar) {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      List<SourceFile> files =
          zip.stream()
              .filter(SourceJars::isSource)
              .sorted(Comparator.comparing(ZipEntry::getName))
              .map(entry -> SourceFile.of(entry.getName(), textOf(zip, entry)))
              .filter(file -> !file.isTable())
              .toList();
      if (files.isEmpty()) {
        throw new LengthwiseException("Jar " + jar + " holds no Java source.");
      }
      return files;
    } catch (IOException | UncheckedIOException e) {
      throw new LengthwiseException(
          "Jar " + jar + " cannot be read: " + e.getMessage() + "; copy it again.", e);
    }
  }

  /// The longest source file of a jar.
  public static SourceFile longest(Path jar) {
    return read(jar).stream()
        .max(Comparator.comparingInt((SourceFile file) -> file.text().length()))
        .orElseThrow();
  }

  private static boolean isSource(ZipEntry entry) {
    String name = entry.getName();
    return name.endsWith(".java")
        && !name.startsWith("META-INF/")
        && !name.endsWith("package-info.java")
        && !name.endsWith("module-info.java");
  }

  private static String textOf(ZipFile zip, ZipEntry entry) {
    try (var stream = zip.getInputStream(entry)) {
      byte[] bytes = stream.readNBytes((int) LARGEST_FILE + 1);
      if (bytes.length > LARGEST_FILE) {
        throw new LengthwiseException(
            "File "
                + entry.getName()
                + " in "
                + zip.getName()
                + " is above "
                + LARGEST_FILE
                + " bytes.");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

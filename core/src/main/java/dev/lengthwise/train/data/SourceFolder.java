package dev.lengthwise.train.data;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.FileReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// The files that a path of a [DataSource] names.
final class SourceFolder {

  private SourceFolder() {}

  /// `path` itself when it is a file, whatever its name; else the files in it that end in one of
  /// `endings`, by name.
  ///
  /// @throws LengthwiseException when there is none
  static List<Path> files(Path path, String... endings) {
    if (!Files.exists(path)) {
      throw new LengthwiseException(
          "There is no file or folder " + path + " to read texts from; check the path.");
    }
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    try (Stream<Path> inside = Files.list(path)) {
      List<Path> files =
          inside
              .filter(file -> Arrays.stream(endings).anyMatch(file.toString()::endsWith))
              .sorted(Comparator.comparing(file -> String.valueOf(file.getFileName())))
              .toList();
      if (files.isEmpty()) {
        throw new LengthwiseException(
            "Folder %s holds no file that ends in %s; copy the corpus there."
                .formatted(path, String.join(" or ", endings)));
      }
      return files;
    } catch (IOException e) {
      throw new LengthwiseException("Folder " + path + " cannot be read: " + FileReason.of(e), e);
    }
  }
}

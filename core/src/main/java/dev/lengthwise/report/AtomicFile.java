package dev.lengthwise.report;

import dev.lengthwise.LengthwiseException;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// Writes a file whole or not at all: into a temporary name in the same folder, then moved into
/// place. The temporary file is removed when writing fails and when the virtual machine ends early.
public final class AtomicFile {

  private AtomicFile() {}

  /// What fills the file.
  @FunctionalInterface
  public interface Content {

    /// Writes all of the content.
    void writeTo(Writer writer) throws IOException;
  }

  /// Writes UTF-8 text to `target`, creating its folder and replacing an older file.
  ///
  /// @throws LengthwiseException when the file cannot be written; an older file is then untouched
  public static void write(Path target, Content content) {
    Path file = target.toAbsolutePath();
    try {
      Path folder = file.getParent();
      if (folder == null || Files.isDirectory(file)) {
        throw new LengthwiseException(
            "Cannot write " + target + ": it is a folder; name a file instead.");
      }
      Files.createDirectories(folder);
      Path temporary = createTemporary(folder, String.valueOf(file.getFileName()));
      try {
        try (BufferedWriter writer = Files.newBufferedWriter(temporary)) {
          content.writeTo(writer);
        }
        move(temporary, file);
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException failure) {
      throw new LengthwiseException(
          "Cannot write "
              + target
              + ": "
              + failure
              + "; check that the folder can be written to and has free space.",
          failure);
    }
  }

  /// A new empty file with the usual permissions (those of `createTempFile` would keep the result
  /// from other users).
  private static Path createTemporary(Path folder, String name) throws IOException {
    for (int attempt = 0; ; attempt++) {
      String suffix = "." + ProcessHandle.current().pid() + "-" + attempt + ".tmp";
      Path temporary = folder.resolve("." + name + suffix);
      try {
        Files.newOutputStream(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)
            .close();
        temporary.toFile().deleteOnExit();
        return temporary;
      } catch (FileAlreadyExistsException taken) {
        if (attempt == 1000) {
          throw taken;
        }
      }
    }
  }

  private static void move(Path temporary, Path file) throws IOException {
    try {
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException unsupported) {
      Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}

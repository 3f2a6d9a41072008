package dev.lengthwise.io;

import dev.lengthwise.LengthwiseException;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// Writes a file whole or not at all: into a temporary name in the same folder, then moved into
/// place. The temporary file is removed when writing fails and when the virtual machine ends early.
///
/// A device or a named pipe, such as `/dev/null`, is written into: a file in its place would take
/// it from every other program.
public final class AtomicFile {

  private AtomicFile() {}

  /// The bytes that fill a file.
  @FunctionalInterface
  public interface Content {

    /// Writes all of the content.
    void writeTo(FileChannel channel) throws IOException;
  }

  /// The text that fills a file.
  @FunctionalInterface
  public interface TextContent {

    /// Writes all of the content.
    void writeTo(Writer writer) throws IOException;
  }

  /// Writes UTF-8 text to `target`, creating its folder and replacing an older file.
  ///
  /// @throws LengthwiseException when the file cannot be written; an older file is then untouched
  public static void writeText(Path target, TextContent content) {
    Path folder = target.toAbsolutePath().getParent();
    try {
      if (folder != null) {
        Files.createDirectories(folder);
      }
    } catch (IOException failure) {
      throw failed(target, failure);
    }
    write(
        target,
        channel -> {
          BufferedWriter writer =
              new BufferedWriter(Channels.newWriter(channel, StandardCharsets.UTF_8));
          content.writeTo(writer);
          writer.flush();
        });
  }

  /// Writes bytes to `target` in a folder that exists, replacing an older file.
  ///
  /// @throws LengthwiseException when the file cannot be written; an older file is then untouched
  public static void write(Path target, Content content) {
    Path file = target.toAbsolutePath();
    Path folder = file.getParent();
    if (folder == null || Files.isDirectory(file)) {
      throw new LengthwiseException(
          "File " + target + " cannot be written: it is a folder; name a file instead.");
    }
    try {
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
          content.writeTo(channel);
        }
      } else {
        writeWhole(folder, file, content);
      }
    } catch (IOException failure) {
      throw failed(target, failure);
    }
  }

  private static void writeWhole(Path folder, Path file, Content content) throws IOException {
    Path temporary = createTemporary(folder, String.valueOf(file.getFileName()));
    try {
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        content.writeTo(channel);
        channel.force(true);
      }
      move(temporary, file);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static LengthwiseException failed(Path target, IOException failure) {
    String reason =
        switch (failure) {
          case NoSuchFileException _ -> "its folder does not exist";
          case FileAlreadyExistsException _ -> "a file stands where its folder should be";
          default -> FileReason.of(failure);
        };
    return new LengthwiseException(
        "File "
            + target
            + " cannot be written: "
            + reason
            + "; check that the folder exists, can be written to and has free space.",
        failure);
  }

  /// A new empty file with the usual permissions (those of `createTempFile` would keep the result
  /// from other users).
  private static Path createTemporary(Path folder, String name) throws IOException {
    for (int attempt = 0; ; attempt++) {
      String suffix = "." + ProcessHandle.current().pid() + "-" + attempt + ".tmp";
      Path temporary = folder.resolve("." + name + suffix);
      try {
        Files.createFile(temporary);
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

package dev.lengthwise.io;

import dev.lengthwise.LengthwiseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;

/// Writes folders whole or not at all: under a temporary name, then moved into place. What is
/// temporary is deleted when writing fails and when the virtual machine ends early.
public final class AtomicFolder {

  private AtomicFolder() {}

  /// What is written to a new, temporary folder.
  @FunctionalInterface
  public interface Content {

    /// Writes all files.
    void writeTo(Path folder) throws IOException;
  }

  /// Replaces `target`, with everything in it, by a folder with `content`.
  ///
  /// @throws LengthwiseException when it cannot be written; an older folder is then untouched
  public static void replace(Path target, Content content) {
    Path temporary = target.resolveSibling("." + target.getFileName() + ".partial");
    write(target, temporary, content, () -> move(temporary, target));
  }

  /// Adds what `content` writes to `folder`, once all of it is written; files and folders of the
  /// same names are replaced, others stay.
  ///
  /// @throws LengthwiseException when it cannot be written; older files are then untouched
  public static void add(Path folder, Content content) {
    if (!Files.exists(folder)) {
      replace(folder, content);
      return;
    }
    Path temporary = folder.resolve(".partial");
    write(
        folder,
        temporary,
        content,
        () -> {
          try (Stream<Path> inside = Files.list(temporary)) {
            for (Path path : inside.sorted().toList()) {
              move(path, folder.resolve(path.getFileName()));
            }
          }
        });
  }

  @FunctionalInterface
  private interface Step {
    void run() throws IOException;
  }

  private static void write(Path target, Path temporary, Content content, Step publish) {
    Thread interrupted = new Thread(() -> delete(temporary), "delete " + temporary);
    delete(temporary);
    Runtime.getRuntime().addShutdownHook(interrupted);
    try {
      Files.createDirectories(temporary);
      content.writeTo(temporary);
      publish.run();
    } catch (IOException e) {
      throw new LengthwiseException(
          "Folder "
              + target
              + " cannot be written: "
              + e
              + "; check that its place can be written to and has free space.",
          e);
    } finally {
      delete(temporary);
      forget(interrupted);
    }
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return; // the machine is ending, and the hook runs
    }
  }

  private static void move(Path from, Path to) throws IOException {
    if (Files.isDirectory(to)) {
      delete(to);
    }
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /// Deletes a folder and everything in it; nothing when it is not there.
  public static void delete(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> inside = Files.walk(folder)) {
      for (Path path : inside.sorted((left, right) -> right.compareTo(left)).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new LengthwiseException(
          "Folder " + folder + " cannot be deleted: " + FileReason.of(e), e);
    }
  }
}

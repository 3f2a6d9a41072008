package dev.lengthwise.app.command;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.AtomicFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A folder that is deleted with everything in it, also when the program is stopped.
final class TemporaryFolder implements AutoCloseable {

  private final Path path;
  private final Thread stop;

  TemporaryFolder() {
    try {
      path = Files.createTempDirectory("lengthwise-");
    } catch (IOException e) {
      throw new LengthwiseException(
          "No temporary folder can be made: " + e + "; check java.io.tmpdir and the free space.",
          e);
    }
    stop = new Thread(() -> AtomicFolder.delete(path), "delete " + path);
    Runtime.getRuntime().addShutdownHook(stop);
  }

  Path path() {
    return path;
  }

  @Override
  public void close() {
    AtomicFolder.delete(path);
    try {
      Runtime.getRuntime().removeShutdownHook(stop);
    } catch (IllegalStateException e) {
      return; // the machine is ending, and the hook runs
    }
  }
}

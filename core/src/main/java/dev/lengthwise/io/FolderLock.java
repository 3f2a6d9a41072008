package dev.lengthwise.io;

import dev.lengthwise.LengthwiseException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The right to write into a folder, which one process has at a time. The system takes it back when
/// the process ends, however it ends. The file `.lock` goes with it; only a process that is ended
/// by `SIGKILL` leaves it, where it means nothing and says so.
public final class FolderLock implements AutoCloseable {

  private static final String NAME = ".lock";

  // A lock belongs to the process and goes with the first channel to the file that is closed, be it
  // by the garbage collector. So a process never opens a file that it has locked a second time.
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private static final Pattern PROCESS = Pattern.compile(" \\(process \\d+\\)");

  private final Path folder;
  private final List<Path> made;
  private final FileChannel channel;
  private final FileLock lock;
  private final Thread interrupted = new Thread(this::deleteAtEnd, "unlock");
  private final AtomicBoolean isGivenBack = new AtomicBoolean();

  private FolderLock(Path folder, List<Path> made, FileChannel channel, FileLock lock) {
    this.folder = folder;
    this.made = made;
    this.channel = channel;
    this.lock = lock;
  }

  /// Takes the right to write into `folder`, which is made where it is missing, and those that it
  /// lies in.
  ///
  /// @throws LengthwiseException when another run has it, or the folder cannot be written to
  public static FolderLock of(Path folder) {
    try {
      List<Path> made = missing(folder);
      Files.createDirectories(folder);
      Path real = folder.toRealPath();
      if (!HELD.add(real)) {
        throw isWritten(folder, " (of this process)");
      }
      try {
        return locked(real, made);
      } catch (IOException | RuntimeException e) {
        HELD.remove(real);
        throw e;
      }
    } catch (IOException e) {
      throw new LengthwiseException(
          "Folder %s cannot be written to: %s; name another one."
              .formatted(folder, FileReason.of(e)),
          e);
    }
  }

  // The folders around one that are not there, the innermost first.
  private static List<Path> missing(Path folder) {
    List<Path> missing = new ArrayList<>();
    Path around = folder.toAbsolutePath().normalize().getParent();
    while (around != null && !Files.exists(around)) {
      missing.add(around);
      around = around.getParent();
    }
    return missing;
  }

  private static FolderLock locked(Path folder, List<Path> made) throws IOException {
    while (true) {
      FileChannel channel =
          FileChannel.open(
              folder.resolve(NAME),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      try {
        FileLock lock = channel.tryLock();
        if (lock == null) {
          throw isWritten(folder, read(channel));
        }
        if (isOf(channel, folder.resolve(NAME))) {
          FolderLock held = new FolderLock(folder, made, channel, lock);
          held.watchForTheEnd();
          return held;
        }
        channel.close(); // its last owner has deleted the file meanwhile
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    }
  }

  private static LengthwiseException isWritten(Path folder, String owner) {
    return new LengthwiseException(
        "Folder %s is being written by another run%s; wait for its end, or name another folder."
            .formatted(folder, owner));
  }

  // Writes who has the lock, and sees by the size of the file whether it still has its name.
  private static boolean isOf(FileChannel channel, Path file) throws IOException {
    channel.truncate(0);
    boolean follows = hasSize(file, 0);
    String owner =
        ("A run writes into this folder (process %d). When that process is gone, this file means"
                + " nothing and may be deleted.\n")
            .formatted(ProcessHandle.current().pid());
    int written = channel.write(ByteBuffer.wrap(owner.getBytes(StandardCharsets.UTF_8)), 0);
    return follows && hasSize(file, written);
  }

  private static boolean hasSize(Path file, long size) throws IOException {
    return Files.exists(file) && Files.size(file) == size;
  }

  private static String read(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(256);
    channel.read(text, 0);
    Matcher process = PROCESS.matcher(StandardCharsets.UTF_8.decode(text.flip()));
    return process.find() ? process.group() : "";
  }

  private void watchForTheEnd() {
    try {
      Runtime.getRuntime().addShutdownHook(interrupted);
    } catch (IllegalStateException e) {
      return; // the machine is ending
    }
  }

  private void forgetTheEnd() {
    try {
      Runtime.getRuntime().removeShutdownHook(interrupted);
    } catch (IllegalStateException e) {
      return; // the machine is ending, and the hook runs
    }
  }

  private void deleteAtEnd() {
    try {
      delete();
    } catch (IOException e) {
      return; // the file means nothing
    }
  }

  // Once, while nobody else can have the lock: later the file might be that of another process.
  private void delete() throws IOException {
    if (lock.isValid() && isGivenBack.compareAndSet(false, true)) {
      Files.deleteIfExists(folder.resolve(NAME));
      if (isEmpty(folder)) {
        Files.delete(folder);
        deleteMade();
      }
    }
  }

  private void deleteMade() throws IOException {
    for (Path around : made) {
      if (!isEmpty(around)) {
        return;
      }
      Files.delete(around);
    }
  }

  /// The folder.
  public Path folder() {
    return folder;
  }

  /// Whether the folder holds nothing but the lock.
  public boolean isOverNothing() {
    try (Stream<Path> files = Files.list(folder)) {
      return files.allMatch(file -> file.endsWith(NAME));
    } catch (IOException e) {
      throw new LengthwiseException(
          "Folder %s cannot be read: %s".formatted(folder, FileReason.of(e)), e);
    }
  }

  /// Gives the right back. A folder into which nothing was written is deleted, with those around it
  /// that were made for it.
  @Override
  public void close() {
    forgetTheEnd();
    try (channel) {
      delete();
    } catch (IOException e) {
      throw new LengthwiseException(
          "The lock of %s cannot be closed: %s".formatted(folder, FileReason.of(e)), e);
    } finally {
      HELD.remove(folder);
    }
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.findAny().isEmpty();
    }
  }
}

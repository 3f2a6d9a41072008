package dev.lengthwise.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderLockTest {

  @TempDir private Path folder;

  @Test
  void oneRunWritesAtATime() {
    Path run = folder.resolve("runs/one");
    try (FolderLock _ = FolderLock.of(run)) {
      assertThat(run).isDirectory();
      assertThatThrownBy(() -> FolderLock.of(run))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContainingAll(run.toString(), "another run");
      FolderLock.of(folder.resolve("runs/two")).close();
    }
    FolderLock.of(run).close();
  }

  /// What a process that was killed leaves is no lock.
  @Test
  void aFileThatStayedBehindMeansNothing() throws IOException {
    Path run = Files.createDirectory(folder.resolve("run"));
    Files.writeString(run.resolve(".lock"), "(process 1)");
    FolderLock.of(run).close();
    assertThat(run).doesNotExist(); // nothing was written
  }

  @Test
  void foldersThatWereMadeForNothingAreDeleted() throws IOException {
    FolderLock.of(folder.resolve("one/two/three")).close();
    assertThat(folder.resolve("one")).doesNotExist();

    try (FolderLock _ = FolderLock.of(folder.resolve("one/two/three"))) {
      Files.createFile(folder.resolve("one/other"));
    }
    assertThat(folder.resolve("one/two")).doesNotExist();
    assertThat(folder.resolve("one/other")).exists();

    Files.createDirectory(folder.resolve("mine"));
    FolderLock.of(folder.resolve("mine/two")).close();
    assertThat(folder.resolve("mine")).isDirectory();
  }

  /// The process number tells whom to wait for.
  @Test
  void anotherProcessIsKeptOutAndNamed() throws IOException, InterruptedException {
    String java = ProcessHandle.current().info().command().orElseThrow();
    Path source = folder.resolve("Holds.java");
    Files.writeString(
        source,
        """
        import java.nio.channels.FileChannel;
        import java.nio.file.*;
        class Holds {
          public static void main(String[] arguments) throws Exception {
            FileChannel file = FileChannel.open(Path.of(arguments[0]),
                StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            file.lock();
            System.out.println("held");
            System.in.read();
          }
        }
        """);
    Process other =
        new ProcessBuilder(java, source.toString(), folder.resolve(".lock").toString())
            .redirectErrorStream(true)
            .start();
    try {
      assertThat(other.inputReader().readLine()).isEqualTo("held");
      assertThatThrownBy(() -> FolderLock.of(folder)).isInstanceOf(LengthwiseException.class);
    } finally {
      other.destroyForcibly().waitFor();
    }
    FolderLock.of(folder).close();
  }

  /// Also after a second try in the same process, whose channel must not take the lock with it.
  @Test
  void anotherProcessCannotLockWhatIsLockedHere() throws IOException, InterruptedException {
    Path source = folder.resolve("Tries.java");
    Files.writeString(
        source,
        """
        import java.nio.channels.FileChannel;
        import java.nio.file.*;
        class Tries {
          public static void main(String[] arguments) throws Exception {
            FileChannel file = FileChannel.open(Path.of(arguments[0]), StandardOpenOption.WRITE);
            System.out.println(file.tryLock() == null ? "kept out" : "locked");
          }
        }
        """);
    try (FolderLock _ = FolderLock.of(folder)) {
      assertThat(answer(source)).isEqualTo("kept out");
      assertThatThrownBy(() -> FolderLock.of(folder)).isInstanceOf(LengthwiseException.class);
      assertThat(answer(source)).isEqualTo("kept out");
    }
  }

  /// Ctrl-C and `SIGTERM` end a process as its own end does; the folder was made for it.
  @Test
  void whoIsInterruptedLeavesNoFile() throws IOException, InterruptedException {
    Path run = folder.resolve("run");
    Process other = holding(run);
    assertThat(run.resolve(".lock")).content().contains("(process " + other.pid() + ")");
    assertThatThrownBy(() -> FolderLock.of(run))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("another run (process " + other.pid() + "); wait");
    other.destroy();
    other.waitFor();
    assertThat(run).doesNotExist();
  }

  @Test
  void whoIsKilledLeavesAFileThatSaysWhatItIs() throws IOException, InterruptedException {
    Process other = holding(folder);
    other.destroyForcibly().waitFor();
    assertThat(folder.resolve(".lock")).content().contains("means nothing and may be deleted");
    FolderLock.of(folder).close();
    assertThat(folder.resolve(".lock")).doesNotExist();
  }

  private static Process holding(Path folder) throws IOException {
    String java = ProcessHandle.current().info().command().orElseThrow();
    String classes = System.getProperty("java.class.path");
    Process other =
        new ProcessBuilder(java, "-cp", classes, Holder.class.getName(), folder.toString())
            .redirectErrorStream(true)
            .start();
    assertThat(other.inputReader().readLine()).isEqualTo("held");
    return other;
  }

  /// A process that has a lock until it is ended.
  static final class Holder {
    private Holder() {}

    /// Takes the lock of a folder, and waits.
    ///
    /// @param arguments the folder
    public static void main(String[] arguments) throws IOException {
      try (FolderLock _ = FolderLock.of(Path.of(arguments[0]))) {
        System.out.println("held");
        System.in.read();
      }
    }
  }

  private String answer(Path program) throws IOException, InterruptedException {
    String java = ProcessHandle.current().info().command().orElseThrow();
    Process other =
        new ProcessBuilder(java, program.toString(), folder.resolve(".lock").toString())
            .redirectErrorStream(true)
            .start();
    String line = other.inputReader().readLine();
    other.waitFor();
    return line;
  }
}

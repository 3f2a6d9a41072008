package dev.lengthwise.train;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.AtomicFolder;
import dev.lengthwise.io.FileReason;
import dev.lengthwise.train.distributed.DataParallel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The checkpoint that all processes of a training start from: that of process 0, which alone has
/// the run folder. The others get a copy for the time of opening it.
final class SharedCheckpoint implements AutoCloseable {

  private final Optional<Path> folder;
  private final boolean isCopy;

  private SharedCheckpoint(Optional<Path> folder, boolean isCopy) {
    this.folder = folder;
    this.isCopy = isCopy;
  }

  /// Shares the newest checkpoint of `run` as process 0 sees it.
  ///
  /// @param files names of the files to share
  static SharedCheckpoint of(RunFolder run, List<String> files, DataParallel processes) {
    if (processes.size() == 1) {
      return new SharedCheckpoint(run.latest(), false);
    }
    Optional<Path> own = processes.isFirst() ? run.latest() : Optional.empty();
    byte[] exists = processes.fromFirst(new byte[] {(byte) (own.isPresent() ? 1 : 0)});
    if (exists[0] == 0) {
      return new SharedCheckpoint(Optional.empty(), false);
    }
    try {
      Path target = own.isPresent() ? own.get() : Files.createTempDirectory("lengthwise-");
      for (String file : files) {
        byte[] content =
            processes.fromFirst(
                own.isPresent() ? Files.readAllBytes(target.resolve(file)) : new byte[0]);
        if (own.isEmpty()) {
          Files.write(target.resolve(file), content);
        }
      }
      return new SharedCheckpoint(Optional.of(target), own.isEmpty());
    } catch (IOException e) {
      throw new LengthwiseException(
          "The checkpoint of "
              + run.path()
              + " cannot be shared with the other workers: "
              + FileReason.of(e),
          e);
    }
  }

  /// The folder of the checkpoint; nothing at the start of a training.
  Optional<Path> folder() {
    return folder;
  }

  @Override
  public void close() {
    if (isCopy) {
      folder.ifPresent(AtomicFolder::delete);
    }
  }
}

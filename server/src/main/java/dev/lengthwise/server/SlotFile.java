package dev.lengthwise.server;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.runtime.StateFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;

/// The file of a slot: a [StateFile] that takes the place of no other file, and whose failures are
/// those of the client or of the server.
record SlotFile(StateFile state) {

  SlotFile(Path path) {
    this(new StateFile(path));
  }

  /// The name that a client gave.
  String name() {
    return String.valueOf(state.path().getFileName());
  }

  /// Writes it whole, or leaves an older file untouched.
  ///
  /// @return bytes
  /// @throws LengthwiseException of another file of that name, and of a prompt that cannot be saved
  /// @throws ApiException when the place cannot be written
  long write(StateFile.State content) {
    // Models may lie in the same folder.
    if (Files.exists(state.path()) && !isOurs()) {
      throw new LengthwiseException(
          "%s is no saved slot and stays as it is; take another name".formatted(name()));
    }
    return orFailed("written", () -> state.write(content));
  }

  private boolean isOurs() {
    return orFailed("read", state::isOne);
  }

  /// Bytes of the file.
  long size() {
    return orFailed("read", state::size);
  }

  /// Reads what [#write] wrote, after its checksum was found right.
  ///
  /// @throws LengthwiseException when it is absent, damaged or of something else
  /// @throws ApiException when the place cannot be read
  StateFile.State read(StateFile.Reader reader) {
    return orFailed("read", () -> state.read(reader));
  }

  private <T> T orFailed(String done, Supplier<T> work) {
    try {
      return work.get();
    } catch (LengthwiseException e) {
      if (e.getCause() instanceof IOException) {
        throw ApiException.ofServer("The slot %s cannot be %s".formatted(name(), done), e);
      }
      throw e;
    }
  }
}

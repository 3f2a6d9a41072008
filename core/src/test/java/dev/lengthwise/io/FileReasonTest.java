package dev.lengthwise.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileReasonTest {

  @TempDir private Path folder;

  @Test
  void reasonsAreWords() {
    assertThat(FileReason.of(new AccessDeniedException("x"))).isEqualTo("you may not");
    assertThat(FileReason.of(new FileSystemException("x", null, "No space left on device")))
        .isEqualTo("no space left on device");
    assertThat(FileReason.of(new MalformedInputException(1))).isEqualTo("it is not UTF-8");
    assertThat(FileReason.of(new EOFException())).isEqualTo("it ends too early");
    assertThatThrownBy(() -> JsonObjects.readStrictObject(folder))
        .hasMessageContaining("cannot be read: it is a folder");
    assertThatThrownBy(() -> NpyFile.map(folder, Arena.ofAuto()))
        .hasMessageContaining("cannot be read: it is a folder");
    assertThat(FileReason.of(new IOException("Stream closed"))).isEqualTo("Stream closed");
  }

  @Test
  void aFileInThePlaceOfAFolderIsNoExceptionsName() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "text");
    assertThatThrownBy(() -> AtomicFile.write(file.resolve("inside"), _ -> {}))
        .hasMessageContaining("cannot be written: not a directory")
        .hasMessageNotContaining("Exception");
  }
}

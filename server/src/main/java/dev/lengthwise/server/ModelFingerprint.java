package dev.lengthwise.server;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.FileReason;
import dev.lengthwise.io.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.stream.Stream;

/// A name of the contents of a model's files: SHA-256 of their sizes and of parts all over them,
/// since reading a large model whole takes minutes. Trained weights differ everywhere.
final class ModelFingerprint {

  private static final int PARTS = 64; // of a file
  private static final int PART = 1 << 14; // bytes

  private ModelFingerprint() {}

  /// That of a file, or of the files of a folder.
  ///
  /// @throws LengthwiseException when one cannot be read
  static String of(Path model) {
    MessageDigest digest = Sha256.digest();
    try {
      for (Path file : files(model)) {
        add(file, digest);
      }
    } catch (IOException e) {
      throw new LengthwiseException(
          "The model cannot be read at %s: %s".formatted(model, FileReason.of(e)), e);
    }
    return Sha256.text(digest);
  }

  private static List<Path> files(Path model) throws IOException {
    if (!Files.isDirectory(model)) {
      return List.of(model);
    }
    try (Stream<Path> files = Files.list(model)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static void add(Path file, MessageDigest digest) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      long size = channel.size();
      digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, size));
      long step = Math.max(PART, (size - PART) / (PARTS - 1));
      for (long at = 0; at < size; at += step) {
        ByteBuffer part = ByteBuffer.allocate((int) Math.min(PART, size - at));
        while (part.hasRemaining() && channel.read(part, at + part.position()) >= 0) {}
        digest.update(part.flip());
      }
    }
  }
}

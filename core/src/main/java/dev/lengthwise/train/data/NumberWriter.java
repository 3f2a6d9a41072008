package dev.lengthwise.train.data;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

/// Writes whole numbers, little-endian, as a file that [NumberFile] maps.
final class NumberWriter implements AutoCloseable {

  private static final int BUFFER = 1 << 20;

  private final Path file;
  private final int width;
  private final FileChannel channel;
  private final MessageDigest digest = Sha256.digest();
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
  private long count;

  /// @param file to write
  /// @param width bytes of a number: 2, 4 or 8
  NumberWriter(Path file, int width) {
    this.file = file;
    this.width = width;
    try {
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /// Adds a number, which must fit.
  void add(long number) {
    if (!buffer.hasRemaining()) {
      flush();
    }
    switch (width) {
      case 2 -> buffer.putShort((short) number);
      case 4 -> buffer.putInt((int) number);
      default -> buffer.putLong(number);
    }
    count++;
  }

  /// How many numbers there are so far.
  long count() {
    return count;
  }

  /// Writes what is left, down to the disk.
  ///
  /// @return what the manifest says of the file
  ShardManifest.StoredFile finish() {
    flush();
    try {
      channel.force(true);
    } catch (IOException e) {
      throw failed(e);
    }
    return new ShardManifest.StoredFile(
        String.valueOf(file.getFileName()), count, Sha256.text(digest));
  }

  private void flush() {
    buffer.flip();
    digest.update(buffer.duplicate());
    try {
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    } catch (IOException e) {
      throw failed(e);
    }
    buffer.clear();
  }

  private LengthwiseException failed(IOException e) {
    return new LengthwiseException(
        "File "
            + file
            + " cannot be written: "
            + e.getMessage()
            + "; check that its folder can be written to and has free space.",
        e);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw failed(e);
    }
  }
}

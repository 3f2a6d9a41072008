package dev.lengthwise.train.optimise;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.ArchiveWriter;
import org.bytedeco.pytorch.OutputArchive;
import org.jspecify.annotations.Nullable;

/// Writes libtorch's archives to a channel.
///
/// libtorch's own writer of files ends the whole process when the disk is full. So this one tells
/// libtorch that everything went well, and its caller the truth.
final class ChannelWriter extends ArchiveWriter {

  private final WritableByteChannel channel;
  private @Nullable IOException failure;

  private ChannelWriter(WritableByteChannel channel) {
    this.channel = channel;
  }

  /// Writes all of `archive`.
  static void write(OutputArchive archive, WritableByteChannel channel) throws IOException {
    try (ChannelWriter writer = new ChannelWriter(channel)) {
      archive.save_to(writer);
      if (writer.failure != null) {
        throw writer.failure;
      }
    }
  }

  @Override
  public long call(Pointer data, long bytes) {
    if (failure == null && bytes > 0) {
      try {
        ByteBuffer left = data.capacity(bytes).asByteBuffer();
        while (left.hasRemaining()) {
          channel.write(left);
        }
      } catch (IOException e) {
        failure = e;
      }
    }
    return bytes;
  }
}

package dev.lengthwise.checkpoint;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/// Writes memory of any size to a channel, whole.
public final class SegmentOutput {

  private static final long CHUNK = 1L << 26;

  private SegmentOutput() {}

  /// Writes all bytes, however many a call takes.
  public static void write(FileChannel channel, MemorySegment data) throws IOException {
    for (long start = 0; start < data.byteSize(); start += CHUNK) {
      long size = Math.min(CHUNK, data.byteSize() - start);
      write(channel, bufferOf(data.asSlice(start, size)));
    }
  }

  /// Writes all bytes, however many a call takes.
  public static void write(FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  private static ByteBuffer bufferOf(MemorySegment chunk) {
    return chunk.isNative()
        ? chunk.asByteBuffer()
        : ByteBuffer.wrap(chunk.toArray(ValueLayout.JAVA_BYTE));
  }
}

package dev.lengthwise.checkpoint.gguf;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.FloatEncoders;
import dev.lengthwise.checkpoint.RowSource;
import dev.lengthwise.checkpoint.SegmentOutput;
import dev.lengthwise.io.AtomicFile;
import dev.lengthwise.parallel.Workers;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/// Writes GGUF files, version 3, little-endian, with data aligned to 32 bytes.
///
/// The file appears under its name only when it is complete. Tensors are converted some rows at a
/// time: memory does not grow with the model. Every row is encoded by one thread, so the bytes do
/// not depend on the number of threads.
public final class GgufWriter {

  private static final int VERSION = 3;
  private static final int ALIGNMENT = 32;
  private static final long CHUNK = 1L << 23;

  private final Workers workers;
  private final Consumer<GgufTensor> progress;

  /// A writer.
  ///
  /// @param workers threads that encode
  /// @param progress is told each tensor before it is written
  public GgufWriter(Workers workers, Consumer<GgufTensor> progress) {
    this.workers = workers;
    this.progress = progress;
  }

  /// Writes key-values and tensors in their order, replacing `file`.
  ///
  /// Throws [LengthwiseException] when the file cannot be written or a tensor cannot be stored as
  /// its type, and `IllegalArgumentException` when a name occurs twice. A `general.alignment` of
  /// the key-values must be 32 or absent.
  public void write(Path file, GgufMetadata metadata, List<GgufTensor> tensors) {
    byte[] header = header(metadata, tensors);
    AtomicFile.write(
        file,
        channel -> {
          SegmentOutput.write(channel, ByteBuffer.wrap(header));
          for (GgufTensor tensor : tensors) {
            pad(channel);
            progress.accept(tensor);
            write(channel, tensor);
          }
          pad(channel);
        });
  }

  private static byte[] header(GgufMetadata metadata, List<GgufTensor> tensors) {
    GgufBytes bytes = new GgufBytes().i32(GgufLayout.MAGIC).i32(VERSION);
    bytes.i64(tensors.size()).i64(metadata.keys().size()).raw(metadata.bytes());
    Set<String> names = new HashSet<>();
    long offset = 0;
    for (GgufTensor tensor : tensors) {
      if (!names.add(tensor.name())) {
        throw new IllegalArgumentException("tensor name \"" + tensor.name() + "\" is taken");
      }
      writeInfo(tensor, offset, bytes);
      offset = Math.ceilDiv(offset + tensor.bytes(), (long) ALIGNMENT) * ALIGNMENT;
    }
    return bytes.bytes();
  }

  private static void writeInfo(GgufTensor tensor, long offset, GgufBytes bytes) {
    long[] shape = tensor.source().shape();
    bytes.text(tensor.name()).i32(shape.length);
    for (int i = shape.length - 1; i >= 0; i--) {
      bytes.i64(shape[i]);
    }
    bytes.i32(GgmlTypes.numberOf(tensor.type())).i64(offset);
  }

  private static void pad(FileChannel channel) throws IOException {
    long end = channel.position();
    int missing = (int) (Math.ceilDiv(end, (long) ALIGNMENT) * ALIGNMENT - end);
    SegmentOutput.write(channel, ByteBuffer.allocate(missing));
  }

  private void write(FileChannel channel, GgufTensor tensor) throws IOException {
    long rows = tensor.source().rows();
    int together = Math.clamp(CHUNK / Math.max(tensor.rowBytes(), 1), 1, 1 << 20);
    try (Arena arena = Arena.ofShared()) {
      MemorySegment chunk = arena.allocate(Math.max(together * tensor.rowBytes(), 1));
      for (long first = 0; first < rows; first += together) {
        int count = (int) Math.min(together, rows - first);
        encode(tensor, first, count, chunk);
        SegmentOutput.write(channel, chunk.asSlice(0, count * tensor.rowBytes()));
      }
    }
  }

  private void encode(GgufTensor tensor, long first, int count, MemorySegment chunk) {
    try {
      workers.run(
          count,
          () -> new float[Math.toIntExact(tensor.source().rowLength())],
          (row, values) -> encodeRow(tensor, first + row, values, chunk, row * tensor.rowBytes()));
    } catch (LengthwiseException e) {
      throw new LengthwiseException(
          "Tensor \""
              + tensor.source().name()
              + "\" of "
              + tensor.source().source()
              + " cannot be stored as "
              + tensor.type()
              + ": "
              + e.getMessage(),
          e);
    }
  }

  private static void encodeRow(
      GgufTensor tensor, long row, float[] values, MemorySegment chunk, long offset) {
    RowSource source = tensor.source();
    if (source.type() == tensor.type()) {
      source.copyRow(row, chunk, offset);
      return;
    }
    source.readRow(row, values);
    FloatEncoders.of(tensor.type())
        .orElseThrow(() -> new IllegalArgumentException("cannot write " + tensor.type()))
        .encode(values, chunk, offset);
  }
}

package dev.lengthwise.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;

/// Writes a matrix as numpy's `.npy` (version 1.0), row by row.
///
/// Source: the format description in numpy's documentation, `numpy.lib.format`.
public final class NpyWriter {

  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
  private static final int ALIGNMENT = 64;

  private final FileChannel channel;

  /// Writes the header.
  ///
  /// @param type numpy's name of the numbers: `<f4`, `|i1` or `|u1`
  public NpyWriter(FileChannel channel, String type, long rows, long columns) throws IOException {
    this.channel = channel;
    String header =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%d, %d), }"
            .formatted(type, rows, columns);
    int before = MAGIC.length + Short.BYTES;
    int whole = (before + header.length() + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    String padded = header + " ".repeat(whole - before - header.length() - 1) + "\n";
    ByteBuffer buffer = ByteBuffer.allocate(whole).order(ByteOrder.LITTLE_ENDIAN);
    buffer.put(MAGIC).putShort((short) padded.length());
    write(buffer.put(padded.getBytes(StandardCharsets.US_ASCII)).flip());
  }

  /// The next row, in f32.
  public void row(float[] numbers) throws IOException {
    ByteBuffer buffer =
        ByteBuffer.allocate(numbers.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    buffer.asFloatBuffer().put(numbers);
    write(buffer);
  }

  /// The next row, in bytes.
  public void row(byte[] numbers) throws IOException {
    write(ByteBuffer.wrap(numbers));
  }

  private void write(ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }
}

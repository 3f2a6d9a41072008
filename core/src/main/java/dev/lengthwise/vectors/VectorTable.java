package dev.lengthwise.vectors;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.NpyFile;
import dev.lengthwise.matrix.FloatRows;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;

/// Vectors of one width in single precision, one after the other, outside the Java heap.
///
/// @param memory `[count, size]`; must stay valid as long as the table is used
/// @param count vectors
/// @param size numbers of a vector
public record VectorTable(MemorySegment memory, int count, int size) {

  /// Checks that the memory has the right size.
  public VectorTable {
    if (count < 1 || size < 1 || memory.byteSize() != (long) count * size * Float.BYTES) {
      throw new IllegalArgumentException(
          "%d vectors of %d numbers do not lie in %d bytes"
              .formatted(count, size, memory.byteSize()));
    }
  }

  /// A table of zeros.
  public static VectorTable allocate(Arena arena, int count, int size) {
    return new VectorTable(arena.allocate((long) count * size * Float.BYTES, 64), count, size);
  }

  /// Vectors as they are.
  ///
  /// @throws LengthwiseException where there are none, or their widths differ
  public static VectorTable of(List<float[]> vectors, Arena arena) {
    if (vectors.isEmpty()) {
      throw new LengthwiseException("There are no vectors; name at least two texts.");
    }
    int size = vectors.getFirst().length;
    for (int n = 0; n < vectors.size(); n++) {
      if (vectors.get(n).length != size) {
        throw new LengthwiseException(
            "Vector 1 has %d numbers and vector %d has %d; take vectors of one encoder."
                .formatted(size, n + 1, vectors.get(n).length));
      }
    }
    VectorTable table = allocate(arena, vectors.size(), size);
    for (int n = 0; n < vectors.size(); n++) {
      table.put(n, vectors.get(n));
    }
    return table;
  }

  /// The matrix of a file that `embed` wrote, mapped.
  ///
  /// @param arena that keeps the file mapped
  /// @throws LengthwiseException where it is no matrix of floats, or a number is not finite
  public static VectorTable read(Path file, Arena arena) {
    NpyFile matrix = NpyFile.map(file, arena);
    VectorTable table = new VectorTable(matrix.numbers(), matrix.rows(), matrix.columns());
    for (int row = 0; row < table.count; row++) {
      for (float number : table.row(row)) {
        if (!Float.isFinite(number)) {
          throw new LengthwiseException(
              "Vector %d of %s holds %s; leave it out.".formatted(row + 1, file, number));
        }
      }
    }
    return table;
  }

  /// A copy of a vector.
  public float[] row(int index) {
    float[] numbers = new float[size];
    MemorySegment.copy(memory, ValueLayout.JAVA_FLOAT, offset(index), numbers, 0, size);
    return numbers;
  }

  /// Sets a vector.
  public void put(int index, float[] numbers) {
    MemorySegment.copy(numbers, 0, memory, ValueLayout.JAVA_FLOAT, offset(index), size);
  }

  private long offset(int index) {
    return (long) index * size * Float.BYTES;
  }

  /// The mean of all vectors.
  public double[] mean() {
    double[] mean = new double[size];
    for (int row = 0; row < count; row++) {
      float[] numbers = row(row);
      for (int n = 0; n < size; n++) {
        mean[n] += numbers[n];
      }
    }
    for (int n = 0; n < size; n++) {
      mean[n] /= count;
    }
    return mean;
  }

  /// The square of the distance of two vectors, in double precision.
  double squaredDistance(int one, int other) {
    float[] first = row(one);
    float[] second = row(other);
    double sum = 0;
    for (int n = 0; n < size; n++) {
      double difference = (double) first[n] - second[n];
      sum += difference * difference;
    }
    return sum;
  }

  /// Some vectors without the mean of all, as one side of a product; zeros follow.
  ///
  /// @param mean that is taken off: distances stay, and rounding does less harm
  /// @param all rows, at least `number`
  FloatRows centred(Arena arena, double[] mean, int first, int number, int all) {
    FloatRows rows = FloatRows.allocate(arena, all, size);
    VectorTable target = new VectorTable(rows.memory(), all, size);
    rows.memory().fill((byte) 0);
    for (int row = 0; row < number; row++) {
      target.put(row, centred(first + row, mean));
    }
    return rows;
  }

  /// A vector without the mean of all.
  float[] centred(int index, double[] mean) {
    float[] numbers = row(index);
    for (int n = 0; n < size; n++) {
      numbers[n] = (float) (numbers[n] - mean[n]);
    }
    return numbers;
  }
}

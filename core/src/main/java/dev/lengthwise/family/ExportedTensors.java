package dev.lengthwise.family;

import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.checkpoint.RowSource;
import dev.lengthwise.checkpoint.TensorEntry;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Slot;
import dev.lengthwise.model.WeightSpec;
import dev.lengthwise.model.Weights;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The tensors of a checkpoint as those of another format: every row is taken from where it lies.
/// Each tensor must exist and have the shape that the header implies, and none may be left over.
final class ExportedTensors {

  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Checkpoint checkpoint;
  private final FileTensors sources;
  private final FileTensors targets;
  private final TensorCheck check;
  private final ModelSpec spec;
  private final Map<String, TensorEntry> upright = new LinkedHashMap<>();

  ExportedTensors(Checkpoint checkpoint, ModelSpec spec, FileFormat source, FileFormat target) {
    this.checkpoint = checkpoint;
    this.sources = new FileTensors(spec, source);
    this.targets = new FileTensors(spec, target);
    this.check = TensorCheck.ofShapes(checkpoint, source);
    this.spec = spec;
    check.requireLayers(spec.layers().size());
  }

  /// All tensors, in the order of the weights.
  List<GgufParts.Part> all() {
    List<GgufParts.Part> parts = new ArrayList<>();
    for (FileTensor target : targets.written()) {
      parts.add(
          target.isVector()
              ? new GgufParts.Part(target.name(), vector(target))
              : new GgufParts.Part(target.name(), used(target)));
    }
    check.requireAllRead(spec.layers().size(), spec.head().tied());
    return parts;
  }

  private TensorEntry vector(FileTensor target) {
    float[] values = new float[target.rows()];
    for (WeightSpec part : target.parts()) {
      FileTensor.RowsOfWeight to = target.rowsOf(part.id());
      for (FileTensor source : sources.allHolding(part.id(), this::exists)) {
        float[] stored = entry(source).toFloats();
        FileTensor.RowsOfWeight from = source.rowsOf(part.id());
        double shift = source.shift() - target.shift();
        for (int n = 0; n < from.count(); n++) {
          values[to.at(source.skipped() + n)] = (float) (stored[from.at(n)] + shift);
        }
      }
    }
    return TensorEntry.ofFloats(target.name(), values, dimensions(target));
  }

  private static long[] dimensions(FileTensor target) {
    return target.shape().stream().mapToLong(Long::longValue).toArray();
  }

  // llama.cpp takes a head as it is: rows of length 1 are written so.
  private RowSource used(FileTensor target) {
    boolean head = target.parts().getFirst().id().slot() == Slot.HEAD;
    return head && spec.head().unitRows() ? new UnitRows(matrix(target)) : matrix(target);
  }

  private RowSource matrix(FileTensor target) {
    TensorEntry[] entries = new TensorEntry[target.rows()];
    int[] rows = new int[target.rows()];
    for (WeightSpec part : target.parts()) {
      FileTensor source = sources.holding(part.id(), this::exists);
      TensorEntry entry = uprightEntry(source);
      FileTensor.RowsOfWeight from = source.rowsOf(part.id());
      FileTensor.RowsOfWeight to = target.rowsOf(part.id());
      for (int n = 0; n < from.count(); n++) {
        entries[to.at(n)] = entry;
        rows[to.at(n)] = from.at(n);
      }
    }
    return new JoinedRows(target.name(), dimensions(target), entries, rows);
  }

  private boolean exists(String name) {
    return checkpoint.tensors().containsKey(name);
  }

  private TensorEntry entry(FileTensor tensor) {
    return check.entry(tensor.name(), tensor.shape());
  }

  // A matrix of `[inputs, outputs]` is turned in memory.
  private TensorEntry uprightEntry(FileTensor tensor) {
    TensorEntry stored = entry(tensor);
    if (!tensor.row().transposed()) {
      return stored;
    }
    return upright.computeIfAbsent(
        tensor.name(),
        name -> {
          float[] turned = new float[tensor.rows() * tensor.columns()];
          float[] line = new float[Math.toIntExact(stored.rowLength())];
          int outputs = line.length;
          int inputs = tensor.columns();
          for (int n = 0; n < stored.rows(); n++) {
            stored.readRow(n, line);
            int matrix = n / inputs;
            for (int output = 0; output < outputs; output++) {
              turned[(matrix * outputs + output) * inputs + n % inputs] = line[output];
            }
          }
          return TensorEntry.ofFloats(name, turned, tensor.rows(), inputs);
        });
  }

  /// Rows that lie in several tensors.
  @SuppressWarnings("ArrayRecordComponent") // made for one tensor, and never compared
  private record JoinedRows(String name, long[] shape, TensorEntry[] entries, int[] places)
      implements RowSource {

    @Override
    public String source() {
      return entries[0].source();
    }

    @Override
    public DataType type() {
      DataType first = entries[0].type();
      for (TensorEntry entry : entries) {
        if (entry.type() != first) {
          return DataType.F32;
        }
      }
      return first;
    }

    @Override
    public void readRow(long row, float[] values) {
      entries[(int) row].readRow(places[(int) row], values);
    }

    @Override
    public void copyRow(long row, MemorySegment target, long offset) {
      TensorEntry entry = entries[(int) row];
      long bytes = entry.type().bytesFor(rowLength());
      MemorySegment.copy(entry.data(), places[(int) row] * bytes, target, offset, bytes);
    }
  }

  /// The rows of a matrix divided by their Euclidean lengths, as [Weights#unitRows] does.
  private record UnitRows(RowSource matrix) implements RowSource {

    @Override
    public String name() {
      return matrix.name();
    }

    @Override
    public String source() {
      return matrix.source();
    }

    @Override
    public DataType type() {
      return DataType.F32;
    }

    @Override
    public long[] shape() {
      return matrix.shape();
    }

    @Override
    public void readRow(long row, float[] values) {
      matrix.readRow(row, values);
      double squares = 0;
      for (float value : values) {
        squares += (double) value * value;
      }
      double length = Math.max(Math.sqrt(squares), Weights.SHORTEST_ROW);
      for (int column = 0; column < values.length; column++) {
        values[column] = (float) (values[column] / length);
      }
    }

    @Override
    public void copyRow(long row, MemorySegment target, long offset) {
      float[] values = new float[Math.toIntExact(rowLength())];
      readRow(row, values);
      MemorySegment.copy(values, 0, target, FLOAT, offset, values.length);
    }
  }
}

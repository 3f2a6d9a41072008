package dev.lengthwise.family;

import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.checkpoint.TensorEntry;
import dev.lengthwise.matrix.ActivationPrecision;
import dev.lengthwise.matrix.MatrixProducts;
import dev.lengthwise.matrix.WeightType;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.WeightMemory;
import dev.lengthwise.model.WeightSpec;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;

/// Counts what [WeightFile] will map, convert and have repacked, from names, types and shapes.
final class WeightCensus {

  private final Checkpoint checkpoint;
  private final ModelSpec spec;
  private final FileTensors tensors;
  private final Precision precision;
  private final boolean repacks;
  private final ActivationPrecision activations;
  private final Set<String> seen = new HashSet<>();
  private final Set<WeightType> types = EnumSet.noneOf(WeightType.class);
  private long file;
  private long converted;
  private long repacked;

  private WeightCensus(
      Checkpoint checkpoint,
      FileFormat format,
      ModelSpec spec,
      Precision precision,
      boolean repacks,
      ActivationPrecision activations) {
    this.checkpoint = checkpoint;
    this.spec = spec;
    this.tensors = new FileTensors(spec, format);
    this.precision = precision;
    this.repacks = repacks;
    this.activations = activations;
  }

  /// Counts weights that kernels use in the memory of the file.
  ///
  /// @param repacks whether single tokens get copies of quantised weights
  /// @param activations how exact they are in products with copies
  static WeightCensus mapped(
      Checkpoint checkpoint,
      FileFormat format,
      ModelSpec spec,
      Precision precision,
      boolean repacks,
      ActivationPrecision activations) {
    WeightCensus census =
        new WeightCensus(checkpoint, format, spec, precision, repacks, activations);
    census.tensors.weights().forEach(census::count);
    return census;
  }

  /// What they take.
  WeightMemory memory() {
    return new WeightMemory(file, converted, repacked);
  }

  /// Types of those that can have copies with 16 rows side by side, and are multiplied.
  Set<WeightType> types() {
    return types;
  }

  /// What weights take that become tensors of libtorch; those of the file are read once.
  static WeightMemory dense(FileFormat format, ModelSpec spec, Precision precision) {
    long bytes = 0;
    for (WeightSpec weight : new FileTensors(spec, format).weights()) {
      bytes += weight.elements() * (weight.role().isMatrix() ? bytesOf(precision) : Float.BYTES);
    }
    return new WeightMemory(0, bytes, 0);
  }

  private void count(WeightSpec weight) {
    FileTensor tensor = tensors.holding(weight.id(), checkpoint.tensors()::containsKey);
    TensorEntry entry = checkpoint.tensors().get(tensor.name());
    if (entry == null) {
      return; // the loader will complain
    }
    if (!weight.role().isMatrix()) {
      converted += Float.BYTES * weight.elements();
      return;
    }
    boolean first = seen.add(tensor.name());
    long own = bytesOf(precision) * weight.elements();
    if (tensor.isTurned()) {
      converted += own;
    } else if (isNarrowed(entry)) {
      converted += first ? bytesOf(precision) * entry.elements() : 0;
    } else {
      file += first ? entry.data().byteSize() : 0;
      converted += isGathered(tensor, weight) ? entry.type().bytesFor(weight.elements()) : 0;
      if (spec.multiplies(weight.id().slot()) && entry.type().quantised().isPresent()) {
        countCopy(WeightType.valueOf(entry.type().name()), weight);
      }
    }
  }

  private void countCopy(WeightType type, WeightSpec weight) {
    int rows = FileTensor.counted(weight.id().toString(), weight.shape().getFirst());
    int columns = FileTensor.counted(weight.id().toString(), weight.shape().getLast());
    if (MatrixProducts.hasCopies(type, columns)) {
      types.add(type);
    }
    if (repacks) {
      repacked += MatrixProducts.repackedBytes(type, rows, columns, activations);
    }
  }

  private boolean isNarrowed(TensorEntry entry) {
    return entry.type() == DataType.F64
        || (entry.type() == DataType.F32 && precision == Precision.BF16);
  }

  private static long bytesOf(Precision precision) {
    return precision == Precision.BF16 ? Short.BYTES : Float.BYTES;
  }

  // Rows that the file holds apart are copied side by side.
  private static boolean isGathered(FileTensor tensor, WeightSpec weight) {
    int[] order = tensor.rowsOf(weight.id()).order();
    if (order == null) {
      return false;
    }
    int first = IntStream.of(order).min().orElse(0);
    int last = IntStream.of(order).max().orElse(-1);
    return last - first + 1 != order.length;
  }
}

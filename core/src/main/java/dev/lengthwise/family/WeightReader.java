package dev.lengthwise.family;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.checkpoint.TensorEntry;
import dev.lengthwise.checkpoint.TorchMemory;
import dev.lengthwise.matrix.MatrixProducts;
import dev.lengthwise.matrix.WeightMatrix;
import dev.lengthwise.matrix.WeightType;
import dev.lengthwise.model.Linear;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Reads the tensors of one checkpoint: each must exist, have the shape that the header implies and
/// hold finite numbers, and none may be left over.
///
/// Matrices are used in the memory of the file, whatever their type, except where the wanted
/// arithmetic is narrower than they are.
public final class WeightReader {

  private static final Pattern LAYER = Pattern.compile("(?:^|\\.)(?:layers|blk|h)\\.(\\d{1,9})\\.");
  private static final Set<DataType> NUMBERS = numbers();
  private static final int SHOWN = 5;

  /// Bytes of the greatest file whose weights are all read when it is opened.
  private static final long EXAMINED_AT_ONCE = 64L << 20;

  private final Checkpoint checkpoint;
  private final Precision precision;
  private final MatrixProducts products;
  private final boolean eager;
  private final Set<String> read = new HashSet<>();
  private final Map<String, WeightMatrix> checked = new LinkedHashMap<>();
  private final List<Tensor> owned = new ArrayList<>();

  /// A reader of weights for arithmetic in `precision`.
  ///
  /// @param products decodes what is examined
  public WeightReader(Checkpoint checkpoint, Precision precision, MatrixProducts products) {
    this.checkpoint = checkpoint;
    this.precision = precision;
    this.products = products;
    long bytes =
        checkpoint.tensors().values().stream().mapToLong(entry -> entry.data().byteSize()).sum();
    this.eager = bytes <= EXAMINED_AT_ONCE;
  }

  private static Set<DataType> numbers() {
    Set<DataType> numbers = EnumSet.of(DataType.F64);
    for (WeightType type : WeightType.values()) {
      numbers.add(typeOf(type));
    }
    return numbers;
  }

  /// Whether the file has a tensor called `name`.
  public boolean has(String name) {
    return checkpoint.tensors().containsKey(name);
  }

  /// The gain of a norm or the like, `[size]`, in f32.
  public Tensor vector(String name, long size) {
    return tensor(name, size);
  }

  /// A tensor of any shape in f32, for libtorch.
  public Tensor tensor(String name, long... shape) {
    Tensor stored = stored(name, shape).toTensor();
    requireFinite(name, stored);
    return kept(as(ScalarType.Float, stored));
  }

  /// The biases of a projection.
  public float[] biases(String name, long size) {
    return numbers(name, size);
  }

  /// Numbers that a position method has learned.
  double[] doubles(String name, long... shape) {
    float[] values = numbers(name, shape);
    double[] doubles = new double[values.length];
    for (int index = 0; index < values.length; index++) {
      doubles[index] = values[index];
    }
    return doubles;
  }

  private float[] numbers(String name, long... shape) {
    float[] values = stored(name, shape).toFloats();
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw notFinite(name, value);
      }
    }
    return values;
  }

  /// A projection without bias, `inputs → outputs`.
  public Linear.Stored linear(String name, int outputs, int inputs) {
    return new Linear.Stored(matrix(name, outputs, inputs));
  }

  /// A matrix of weights, in the memory of the file; weights of a type that the kernels do not
  /// have, or wider than the arithmetic, are converted.
  public WeightMatrix matrix(String name, int rows, int columns) {
    TensorEntry entry = stored(name, rows, columns);
    boolean narrowed = entry.type() == DataType.F32 && precision == Precision.BF16;
    WeightMatrix matrix =
        entry.type() == DataType.F64 || narrowed
            ? matrix(as(precision.type(), entry.toTensor()))
            : new WeightMatrix(typeOf(entry.type()), rows, columns, entry.data());
    checked.put(name, matrix);
    if (eager) {
      requireFinite(name, matrix);
    }
    return matrix;
  }

  /// A matrix of weights that were computed from those of the file.
  ///
  /// @param tensor `[rows, columns]`, f32 or bf16
  public WeightMatrix matrix(Tensor tensor) {
    Tensor own = kept(tensor.contiguous());
    WeightType type =
        own.scalar_type().intern() == ScalarType.Float ? WeightType.F32 : WeightType.BF16;
    return new WeightMatrix(type, (int) own.size(0), (int) own.size(1), TorchMemory.bytesOf(own));
  }

  /// The elements of a tensor as floats, converted: for weights that are computed from.
  public Tensor floats(String name, long... shape) {
    Tensor tensor = as(ScalarType.Float, stored(name, shape).toTensor());
    requireFinite(name, tensor);
    return tensor;
  }

  // A tensor as it is stored, of exactly this shape.
  private TensorEntry stored(String name, long... shape) {
    TensorEntry entry = checkpoint.tensor(name);
    read.add(name);
    if (!Arrays.equals(entry.shape(), shape)) {
      throw new LengthwiseException(
          "Tensor \"%s\" of %s does not have the shape that the header implies: expected %s, found %s."
              .formatted(
                  name, checkpoint.path(), Arrays.toString(shape), Arrays.toString(entry.shape())));
    }
    if (!NUMBERS.contains(entry.type())) {
      throw new LengthwiseException(
          "Tensor \"%s\" of %s is stored as %s; weights must be one of %s."
              .formatted(name, checkpoint.path(), entry.type(), NUMBERS));
    }
    return entry;
  }

  private static DataType typeOf(WeightType type) {
    return DataType.valueOf(type.name());
  }

  private static WeightType typeOf(DataType type) {
    return WeightType.valueOf(type.name());
  }

  /// Marks tensors as known that no decoder needs.
  public void ignore(String pattern) {
    Pattern ignored = Pattern.compile(pattern);
    checkpoint.tensors().keySet().stream()
        .filter(name -> ignored.matcher(name).matches())
        .forEach(read::add);
  }

  /// Refuses a file with another number of layers than its header says.
  public void requireLayers(int layers) {
    long found =
        1
            + checkpoint.tensors().keySet().stream()
                .map(LAYER::matcher)
                .filter(Matcher::find)
                .mapToLong(name -> Long.parseLong(name.group(1)))
                .max()
                .orElse(-1);
    if (found != layers) {
      throw new LengthwiseException(
          "The header of %s says %d layers, but the file holds the tensors of %d; header and weights belong to different models, or a part is missing."
              .formatted(checkpoint.path(), layers, found));
    }
  }

  /// Refuses a file with tensors that nobody asked for: leaving them out would silently compute
  /// something else than the model.
  public void requireAllRead() {
    List<String> left =
        checkpoint.tensors().keySet().stream().filter(name -> !read.contains(name)).toList();
    if (!left.isEmpty()) {
      throw new LengthwiseException(
          "%s holds %d tensors that a model with this header does not have: %s%s; header and weights do not belong together, or the architecture is another one."
              .formatted(
                  checkpoint.path(),
                  left.size(),
                  String.join(", ", left.subList(0, Math.min(SHOWN, left.size()))),
                  left.size() > SHOWN ? ", …" : ""));
    }
  }

  /// Tensors that hold memory of their own: norms and what was converted. They live until they are
  /// closed.
  List<Tensor> owned() {
    return List.copyOf(owned);
  }

  /// Refuses matrices with weights that are not finite. Reads all of them: greater files are
  /// examined only when a result is not finite.
  void requireFinite() {
    checked.forEach(this::requireFinite);
  }

  /// A tensor that was computed from those of the file, for as long as the model lives.
  Tensor kept(Tensor tensor) {
    owned.add(tensor.retainReference());
    return tensor;
  }

  private static Tensor as(ScalarType type, Tensor tensor) {
    return (tensor.scalar_type().intern() == type ? tensor : tensor.to(type)).contiguous();
  }

  private void requireFinite(String name, WeightMatrix matrix) {
    float found = products.notFinite(matrix);
    if (found != 0) {
      throw notFinite(name, found);
    }
  }

  // Smallest and largest element: not a number spreads to both, and nothing is allocated.
  private void requireFinite(String name, Tensor tensor) {
    try (PointerScope _ = new PointerScope()) {
      T_TensorTensor_T ends = torch.aminmax(tensor);
      double least = ends.get0().item().toDouble();
      double most = ends.get1().item().toDouble();
      if (!Double.isFinite(least) || !Double.isFinite(most)) {
        throw notFinite(name, Double.isNaN(least) ? Double.NaN : Double.POSITIVE_INFINITY);
      }
    }
  }

  private LengthwiseException notFinite(String name, double value) {
    return new LengthwiseException(
        "Tensor \"%s\" of %s holds weights that are not finite (%s); the file is damaged or its training diverged."
            .formatted(name, checkpoint.path(), Double.isNaN(value) ? "NaN" : "infinite"));
  }
}

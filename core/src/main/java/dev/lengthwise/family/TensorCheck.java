package dev.lengthwise.family;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.checkpoint.TensorEntry;
import dev.lengthwise.matrix.MatrixProducts;
import dev.lengthwise.matrix.WeightMatrix;
import dev.lengthwise.matrix.WeightType;
import dev.lengthwise.model.Slot;
import dev.lengthwise.model.WeightId;
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
import org.jspecify.annotations.Nullable;

/// What must be true of the tensors of a checkpoint: each that is asked for exists, has the shape
/// that the header implies and holds finite numbers, and none is left over.
final class TensorCheck {

  private static final Pattern LAYER =
      Pattern.compile("(?:^|\\.)(?:layers?|blk|h|blocks)\\.(\\d{1,9})\\.");
  private static final Set<DataType> NUMBERS = numbers();
  private static final int SHOWN = 5;

  /// Bytes of the greatest file whose weights are all read when it is opened.
  private static final long EXAMINED_AT_ONCE = 64L << 20;

  private final Checkpoint checkpoint;
  private final NameMap names;
  private final int nextTokenLayers;
  private final @Nullable MatrixProducts products;
  private final boolean eager;
  private final Set<String> read = new HashSet<>();
  private final Map<String, TensorEntry> joined = new LinkedHashMap<>();
  private final Set<Piece> examined = new HashSet<>();
  private final Map<String, WeightMatrix> checked = new LinkedHashMap<>();

  private record Piece(String tensor, int index) {}

  /// Checks of names and shapes alone.
  static TensorCheck ofShapes(Checkpoint checkpoint, FileFormat format) {
    return new TensorCheck(checkpoint, format, null);
  }

  /// @param products decodes what is examined; `null` where nothing is
  TensorCheck(Checkpoint checkpoint, FileFormat format, @Nullable MatrixProducts products) {
    this.checkpoint = checkpoint;
    this.names = format.names();
    this.nextTokenLayers = NextTokenLayers.of(checkpoint, format);
    this.products = products;
    long bytes =
        checkpoint.tensors().values().stream().mapToLong(entry -> entry.data().byteSize()).sum();
    this.eager = bytes <= EXAMINED_AT_ONCE;
  }

  private static Set<DataType> numbers() {
    Set<DataType> numbers = EnumSet.of(DataType.F64);
    for (WeightType type : WeightType.values()) {
      numbers.add(DataType.valueOf(type.name()));
    }
    return numbers;
  }

  /// A tensor as it is stored, of exactly this shape.
  TensorEntry entry(String name, List<Long> shape) {
    return checked(stored(name), shape);
  }

  /// A tensor of this shape for a matrix: floats of eight bits stay what they are, and have their
  /// scales beside them.
  TensorEntry matrixEntry(String name, List<Long> shape) {
    TensorEntry entry = checkpoint.tensor(name);
    if (!EightBitFloats.isOf(entry)) {
      return entry(name, shape);
    }
    read.add(name);
    EightBitFloats.scalesOf(checkpoint, name).ifPresent(read::add);
    return checked(entry, shape);
  }

  private TensorEntry checked(TensorEntry entry, List<Long> shape) {
    String name = entry.name();
    List<Long> found = Arrays.stream(entry.shape()).boxed().toList();
    if (!found.equals(shape)) {
      throw new LengthwiseException(
          "Tensor \"%s\" of %s does not have the shape that the header implies: expected %s, found %s."
              .formatted(name, checkpoint.path(), shape, found));
    }
    if (!NUMBERS.contains(entry.type())) {
      throw new LengthwiseException(
          "Tensor \"%s\" of %s is stored as %s; weights must be one of %s."
              .formatted(name, checkpoint.path(), entry.type(), NUMBERS));
    }
    return entry;
  }

  /// Whether a tensor was made of several, in memory that is not the file's.
  boolean isJoined(String name) {
    return joined.containsKey(name);
  }

  // What is stored in two tensors is read as one.
  private TensorEntry stored(String name) {
    TensorEntry entry = checkpoint.tensor(name);
    read.add(name);
    if (MicroscaledRows.isOf(entry)) {
      read.add(MicroscaledRows.exponentsOf(name));
      return joined.computeIfAbsent(name, _ -> MicroscaledRows.of(checkpoint, entry));
    }
    if (EightBitFloats.isOf(entry)) {
      EightBitFloats.scalesOf(checkpoint, name).ifPresent(read::add);
      return joined.computeIfAbsent(name, _ -> EightBitFloats.of(checkpoint, entry));
    }
    return entry;
  }

  /// A tensor of finite numbers.
  float[] numbers(String name, long... shape) {
    float[] values = entry(name, Arrays.stream(shape).boxed().toList()).toFloats();
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw notFinite(name, value);
      }
    }
    return values;
  }

  /// Examines a matrix: now in a small file, else when a result is not finite.
  void examine(String name, WeightMatrix matrix) {
    checked.put(name, matrix);
    if (eager) {
      requireFinite(name, matrix);
    }
  }

  /// Examines a tensor that was decoded, or a piece of it.
  void examine(String name, int piece, Tensor tensor) {
    if (examined.add(new Piece(name, piece))) {
      requireFinite(name, tensor);
    }
  }

  /// Refuses matrices with weights that are not finite.
  void requireFinite() {
    checked.forEach(this::requireFinite);
  }

  /// Refuses a file with another number of layers than its header says. It may lack layers that
  /// predict further tokens.
  void requireLayers(int layers) {
    long found =
        1 + checkpoint.tensors().keySet().stream().mapToLong(this::layerOf).max().orElse(-1);
    if (found < layers || found > layers + nextTokenLayers) {
      throw new LengthwiseException(
          "The header of %s says %d layers, but the file holds the tensors of %d; header and weights belong to different models, or a part is missing."
              .formatted(checkpoint.path(), layers, found));
    }
  }

  // -1 for a tensor of no layer.
  private long layerOf(String name) {
    Matcher layer = LAYER.matcher(name);
    return layer.find() ? Long.parseLong(layer.group(1)) : -1;
  }

  /// Refuses a file with tensors that nobody asked for: leaving them out would silently compute
  /// something else than the model.
  ///
  /// @param layers of the model; those behind them predict further tokens
  /// @param tied whether the head is the embedding, so that another one is superfluous
  void requireAllRead(int layers, boolean tied) {
    List<String> left =
        checkpoint.tensors().keySet().stream()
            .filter(name -> !read.contains(name) && !names.ignores(name))
            .filter(name -> !(tied && isHead(name)))
            .filter(name -> nextTokenLayers == 0 || layerOf(name) < layers)
            .toList();
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

  private boolean isHead(String name) {
    return names.rowsOf(Slot.HEAD).stream()
        .anyMatch(row -> row.nameOf(WeightId.of(Slot.HEAD)).equals(name));
  }

  private void requireFinite(String name, WeightMatrix matrix) {
    float found = products == null ? 0 : products.notFinite(matrix);
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

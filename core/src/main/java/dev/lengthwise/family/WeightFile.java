package dev.lengthwise.family;

import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.checkpoint.TensorEntry;
import dev.lengthwise.family.FileTensor.RowsOfWeight;
import dev.lengthwise.matrix.BlockScales;
import dev.lengthwise.matrix.MatrixProducts;
import dev.lengthwise.matrix.WeightMatrix;
import dev.lengthwise.matrix.WeightType;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Projection;
import dev.lengthwise.model.Slot;
import dev.lengthwise.model.WeightId;
import dev.lengthwise.model.WeightId.Part;
import dev.lengthwise.model.WeightRole;
import dev.lengthwise.model.WeightSpec;
import dev.lengthwise.model.Weights;
import dev.lengthwise.position.LearnedParameter;
import dev.lengthwise.torch.ComputeDevice;
import dev.lengthwise.torch.TorchMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// The weights of one checkpoint: each must exist, have the shape that the header implies and hold
/// finite numbers, and no tensor may be left over ([TensorCheck]).
///
/// Matrices are used in the memory of the file, whatever their type, except where the wanted
/// arithmetic is narrower than they are, or where the file holds their rows apart or transposed.
final class WeightFile {

  private final Checkpoint checkpoint;
  private final Precision precision;
  private final ModelSpec spec;
  private final FileTensors tensors;
  private final TensorCheck check;
  private final Map<String, WeightMatrix> whole = new LinkedHashMap<>();
  private final List<Tensor> owned = new ArrayList<>();

  /// The weights of `checkpoint`, for arithmetic in `precision`.
  ///
  /// @param spec what its header describes
  /// @param products decodes what is examined
  WeightFile(
      Checkpoint checkpoint,
      FileFormat format,
      ModelSpec spec,
      Precision precision,
      MatrixProducts products) {
    this.checkpoint = checkpoint;
    this.precision = precision;
    this.check = new TensorCheck(checkpoint, format, products);
    this.spec = withLearned(spec);
    this.tensors = new FileTensors(this.spec, format);
  }

  // What the declared method has learned is in the file, beside the weights of the decoder.
  private ModelSpec withLearned(ModelSpec declared) {
    Map<String, double[]> learned = new LinkedHashMap<>();
    for (LearnedParameter weight : declared.declared().weights(declared.shape())) {
      learned.put(weight.name(), doubles(check.numbers(weight.tensorName(), weight.shape())));
    }
    return learned.isEmpty()
        ? declared
        : declared.withDeclared(declared.declared().withWeights(learned));
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int index = 0; index < values.length; index++) {
      doubles[index] = values[index];
    }
    return doubles;
  }

  /// The model plan, with what its position method has learned.
  ModelSpec spec() {
    return spec;
  }

  /// Weights for kernels, in the memory of the file.
  Weights mapped() {
    check.requireLayers(spec.layers().size());
    Map<WeightId, Projection> projections = new LinkedHashMap<>();
    Map<WeightId, Tensor> vectors = new LinkedHashMap<>();
    for (WeightSpec weight : tensors.weights()) {
      WeightId id = weight.id();
      if (weight.role().isMatrix()) {
        projections.put(id, mapped(weight));
      } else if (!isBiasOfProjection(id)) {
        vectors.put(id, vector(id));
      }
    }
    if (spec.head().tied()) {
      Projection.Mapped embedding =
          (Projection.Mapped) projections.get(WeightId.of(Slot.EMBEDDING));
      projections.put(WeightId.of(Slot.HEAD), tiedHead(embedding));
    }
    check.requireAllRead(spec.layers().size(), spec.head().tied());
    return new Weights(projections, vectors);
  }

  private Projection.Mapped tiedHead(Projection.@Nullable Mapped embedding) {
    if (embedding == null) {
      throw new IllegalStateException("no embedding");
    }
    return new Projection.Mapped(embedding.weight(), bias(WeightId.of(Slot.HEAD), null), null);
  }

  /// Weights as tensors, for libtorch.
  ///
  /// @param type of matrices
  /// @param device where they lie
  Weights dense(ScalarType type, ComputeDevice device) {
    Weights weights = Weights.dense(spec, tensors(type, device), type);
    // Rows of length 1 are no tensor of the file, and must live as long.
    if (spec.head().unitRows()
        && weights.projection(WeightId.of(Slot.HEAD)) instanceof Projection.Dense head) {
      kept(head.weight());
    }
    return weights;
  }

  /// Weights as tensors by their own names, which [#owned] keeps.
  ///
  /// @param type of matrices
  /// @param device where they lie
  Map<String, Tensor> tensors(ScalarType type, ComputeDevice device) {
    return tensors(type, device, _ -> true);
  }

  /// As [#tensors(ScalarType, ComputeDevice)], without weights that are not wanted.
  Map<String, Tensor> tensors(ScalarType type, ComputeDevice device, Predicate<WeightId> wanted) {
    check.requireLayers(spec.layers().size());
    Map<String, Tensor> all = new LinkedHashMap<>();
    for (WeightSpec weight : tensors.weights()) {
      if (!wanted.test(weight.id())) {
        continue;
      }
      boolean matrix = weight.role().isMatrix();
      try (PointerScope _ = new PointerScope()) {
        Tensor tensor = floats(weight.id());
        Tensor typed = as(matrix ? type : ScalarType.Float, tensor);
        all.put(weight.name(), kept(device.place(typed)));
      }
    }
    check.requireAllRead(spec.layers().size(), spec.head().tied());
    return all;
  }

  private boolean isBiasOfProjection(WeightId id) {
    return id.part() == Part.BIAS && id.slot().role() != WeightRole.GAIN;
  }

  private FileTensor holding(WeightId id) {
    return tensors.holding(id, this::exists);
  }

  /// Whether the file has a weight of the model.
  boolean has(WeightId id) {
    return exists(holding(id).name());
  }

  private boolean exists(String name) {
    return checkpoint.tensors().containsKey(name);
  }

  private TensorEntry entry(FileTensor tensor) {
    return check.entry(tensor.name(), tensor.shape());
  }

  // ---- matrices in place

  private Projection.Mapped mapped(WeightSpec weight) {
    WeightId id = weight.id();
    FileTensor tensor = holding(id);
    RowsOfWeight rows = tensor.rowsOf(id);
    boolean unitRows = id.slot() == Slot.HEAD && spec.head().unitRows();
    if (tensor.isTurned() || unitRows) {
      Tensor stored = floats(id);
      Tensor used = unitRows ? Weights.unitRows(stored) : stored;
      return new Projection.Mapped(computed(used), bias(id, null), null);
    }
    WeightMatrix all = matrix(tensor);
    int @Nullable [] order = rows.order();
    if (order == null) {
      return new Projection.Mapped(all.rows(rows.first(), rows.count()), bias(id, null), null);
    }
    int first = IntStream.of(order).min().orElse(0);
    int last = IntStream.of(order).max().orElse(-1);
    if (last - first + 1 != order.length) {
      return new Projection.Mapped(gathered(all, order), bias(id, null), null);
    }
    int[] places = new int[order.length];
    for (int n = 0; n < order.length; n++) {
      places[order[n] - first] = n;
    }
    return new Projection.Mapped(all.rows(first, order.length), bias(id, places), places);
  }

  // In the order of the rows in the file, `places` of which are given.
  private float @Nullable [] bias(WeightId id, int @Nullable [] places) {
    WeightId bias = id.with(Part.BIAS);
    if (!tensors.has(bias)) {
      return null;
    }
    float[] ordered = numbers(bias);
    if (places == null) {
      return ordered;
    }
    float[] values = new float[ordered.length];
    for (int row = 0; row < values.length; row++) {
      values[row] = ordered[places[row]];
    }
    return values;
  }

  // All rows of a tensor in the memory of the file; weights of a type that the kernels do not have,
  // or wider than the arithmetic, are converted.
  private WeightMatrix matrix(FileTensor tensor) {
    WeightMatrix found = whole.get(tensor.name());
    if (found != null) {
      return found;
    }
    TensorEntry entry = check.matrixEntry(tensor.name(), tensor.shape());
    boolean narrowed = entry.type() == DataType.F32 && precision == Precision.BF16;
    WeightMatrix made =
        entry.type() == DataType.F64 || narrowed
            ? matrix(as(precision.type(), entry.toTensor()).view(tensor.rows(), tensor.columns()))
            : new WeightMatrix(
                WeightType.valueOf(entry.type().name()),
                tensor.rows(),
                tensor.columns(),
                entry.data(),
                EightBitFloats.isOf(entry) ? EightBitFloats.scales(checkpoint, entry) : null);
    check.examine(tensor.name(), made);
    whole.put(tensor.name(), made);
    return made;
  }

  // Rows that the file holds apart, side by side.
  private static WeightMatrix gathered(WeightMatrix all, int[] order) {
    long bytes = all.rowBytes();
    MemorySegment memory = Arena.ofAuto().allocate(order.length * bytes, 64);
    for (int n = 0; n < order.length; n++) {
      MemorySegment.copy(all.data(), order[n] * bytes, memory, n * bytes, bytes);
    }
    BlockScales scales = all.scales() == null ? null : all.scales().ordered(order);
    return new WeightMatrix(all.type(), order.length, all.columns(), memory, scales);
  }

  private WeightMatrix computed(Tensor floats) {
    return matrix(as(precision.type(), floats));
  }

  private WeightMatrix matrix(Tensor tensor) {
    Tensor own = kept(tensor.contiguous());
    WeightType type =
        own.scalar_type().intern() == ScalarType.Float ? WeightType.F32 : WeightType.BF16;
    return new WeightMatrix(type, (int) own.size(0), (int) own.size(1), TorchMemory.bytesOf(own));
  }

  // ---- numbers

  private Tensor vector(WeightId id) {
    return kept(floats(id));
  }

  private float[] numbers(WeightId id) {
    try (PointerScope _ = new PointerScope()) {
      Tensor tensor = floats(id);
      float[] values = new float[(int) tensor.numel()];
      tensor.<java.nio.FloatBuffer>createBuffer().get(values);
      return values;
    }
  }

  // A weight in f32, in its own shape and order.
  private Tensor floats(WeightId id) {
    List<FileTensor> all = tensors.allHolding(id, this::exists);
    return all.size() == 1
        ? floats(id, all.getFirst())
        : torch.cat(
            new TensorVector(all.stream().map(tensor -> floats(id, tensor)).toArray(Tensor[]::new)),
            0);
  }

  private Tensor floats(WeightId id, FileTensor tensor) {
    // Of a tensor of all experts only the piece of one is decoded.
    boolean whole = tensor.pieces() == 1;
    int piece = whole ? 0 : id.expert();
    int size = tensor.rows() / tensor.pieces();
    long before = (long) piece * size;
    TensorEntry entry = whole ? entry(tensor) : entry(tensor).at(piece);
    Tensor shared = as(ScalarType.Float, entry.toTensor());
    // What was joined lives as long as this object, and a tensor that shares its memory longer.
    Tensor stored = check.isJoined(tensor.name()) ? shared.clone() : shared;
    check.examine(tensor.name(), piece, stored);
    Tensor turned = tensor.isTurned() ? stored.transpose(-1, -2) : stored;
    Tensor all = tensor.isVector() ? turned.reshape(size) : turned.reshape(size, tensor.columns());
    RowsOfWeight rows = tensor.rowsOf(id);
    int @Nullable [] order = rows.order();
    Tensor own =
        order == null
            ? all.narrow(0, rows.first() - before, rows.count())
            : all.index_select(
                0, Tensor.create(IntStream.of(order).mapToLong(n -> n - before).toArray()));
    Tensor shifted = tensor.shift() == 0 ? own : own.add(new Scalar(tensor.shift()));
    return shifted.contiguous();
  }

  /// Tensors that hold memory of their own: norms and what was converted. They live until they are
  /// closed.
  List<Tensor> owned() {
    return List.copyOf(owned);
  }

  /// Refuses matrices with weights that are not finite. Reads all of them: greater files are
  /// examined only when a result is not finite.
  void requireFinite() {
    check.requireFinite();
  }

  private Tensor kept(Tensor tensor) {
    owned.add(tensor.retainReference());
    return tensor;
  }

  private static Tensor as(ScalarType type, Tensor tensor) {
    return (tensor.scalar_type().intern() == type ? tensor : tensor.to(type)).contiguous();
  }
}

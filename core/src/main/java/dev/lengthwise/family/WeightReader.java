package dev.lengthwise.family;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.checkpoint.TensorEntry;
import dev.lengthwise.model.Linear;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// Reads the tensors of one checkpoint: each must exist, have the shape that the header implies and
/// hold finite numbers, and none may be left over.
///
/// Tensors of the wanted type share the memory of the file.
public final class WeightReader {

  private static final Pattern LAYER = Pattern.compile("(?:^|\\.)(?:layers|blk|h)\\.(\\d{1,9})\\.");
  private static final Set<DataType> NUMBERS =
      EnumSet.of(
          DataType.F32,
          DataType.F16,
          DataType.BF16,
          DataType.F64,
          DataType.Q8_0,
          DataType.Q4_0,
          DataType.Q4_1,
          DataType.Q5_0,
          DataType.Q5_1,
          DataType.Q4_K,
          DataType.Q5_K,
          DataType.Q6_K,
          DataType.IQ4_NL);
  private static final int SHOWN = 5;

  private final Checkpoint checkpoint;
  private final Precision precision;
  private final Set<String> read = new HashSet<>();

  /// A reader that gives projections in `precision`.
  public WeightReader(Checkpoint checkpoint, Precision precision) {
    this.checkpoint = checkpoint;
    this.precision = precision;
  }

  /// Whether the file has a tensor called `name`.
  public boolean has(String name) {
    return checkpoint.tensors().containsKey(name);
  }

  /// The gain of a norm or the like, `[size]`, in f32.
  public Tensor vector(String name, long size) {
    return as(ScalarType.Float, stored(name, size));
  }

  /// A table such as the embedding, `[rows, columns]`, in the precision of projections.
  public Tensor table(String name, long rows, long columns) {
    return as(precision.type(), stored(name, rows, columns));
  }

  /// A projection without bias, `inputs → outputs`.
  public Linear linear(String name, long outputs, long inputs) {
    return linear(stored(name, outputs, inputs), null);
  }

  /// A projection of tensors that [#stored] gave.
  public Linear linear(Tensor weight, @Nullable Tensor bias) {
    return new Linear(
        as(precision.type(), weight), bias == null ? null : as(precision.type(), bias));
  }

  /// A tensor in the type of the file, of exactly this shape and with finite elements only.
  public Tensor stored(String name, long... shape) {
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
    Tensor tensor = entry.toTensor();
    requireFinite(name, tensor);
    return tensor;
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

  private static Tensor as(ScalarType type, Tensor tensor) {
    return (tensor.scalar_type().intern() == type ? tensor : tensor.to(type)).contiguous();
  }

  // Smallest and largest element: not a number spreads to both, and nothing is allocated.
  private void requireFinite(String name, Tensor tensor) {
    try (PointerScope _ = new PointerScope()) {
      T_TensorTensor_T ends = torch.aminmax(tensor);
      double least = ends.get0().item().toDouble();
      double most = ends.get1().item().toDouble();
      if (!Double.isFinite(least) || !Double.isFinite(most)) {
        throw new LengthwiseException(
            "Tensor \"%s\" of %s holds weights that are not finite (%s); the file is damaged or its training diverged."
                .formatted(name, checkpoint.path(), Double.isNaN(least) ? "NaN" : "infinite"));
      }
    }
  }
}

package dev.lengthwise.family;

import dev.lengthwise.model.WeightSpec;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// Makes the tensor of a file of the weights that it holds: the way back of [WeightFile].
final class TensorJoiner {

  private TensorJoiner() {}

  /// The tensor, of the type of the weights.
  ///
  /// @param weights by their own names
  static Tensor join(FileTensor tensor, Map<String, Tensor> weights) {
    Tensor first = weight(tensor.parts().getFirst(), weights);
    long[] size =
        tensor.isVector()
            ? new long[] {tensor.rows()}
            : new long[] {tensor.rows(), tensor.columns()};
    Tensor all = torch.empty(size).to(first.scalar_type());
    for (WeightSpec part : tensor.parts()) {
      FileTensor.RowsOfWeight rows = tensor.rowsOf(part.id());
      Tensor own = weight(part, weights).narrow(0, tensor.skipped(), rows.count());
      if (rows.order() == null) {
        all.narrow(0, rows.first(), rows.count()).copy_(own);
      } else {
        long[] order = IntStream.of(rows.order()).asLongStream().toArray();
        all.index_copy_(0, Tensor.create(order), own);
      }
    }
    Tensor stored = tensor.shift() == 0 ? all : all.sub(new Scalar(tensor.shift()));
    return inShape(tensor, stored).contiguous();
  }

  private static Tensor inShape(FileTensor tensor, Tensor all) {
    long[] shape = tensor.shape().stream().mapToLong(Long::longValue).toArray();
    if (!tensor.isTurned()) {
      return all.reshape(shape);
    }
    int last = shape.length - 1;
    long[] upright = shape.clone();
    upright[last] = shape[last - 1];
    upright[last - 1] = shape[last];
    return all.reshape(upright).transpose(-1, -2);
  }

  private static Tensor weight(WeightSpec part, Map<String, Tensor> weights) {
    Tensor weight = weights.get(part.name());
    if (weight == null) {
      throw new IllegalStateException("no weight " + part.name());
    }
    return weight;
  }
}

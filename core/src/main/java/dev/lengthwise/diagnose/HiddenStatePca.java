package dev.lengthwise.diagnose;

import dev.lengthwise.LengthwiseException;
import java.nio.DoubleBuffer;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.StringViewOptional;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// The hidden states of a text after one layer, in the plane of their two principal components: if
/// tokens lie in the order of their positions, the layer knows these, whatever attention was told.
///
/// The components are those of all tokens together, in double precision; their signs are chosen so
/// that the first token has no negative coordinate.
///
/// Source: Han et al. 2023, "LM-Infinite", implicitly encoded absolute positions.
///
/// @param explained shares of the variance, 0 to 1, of the two components
/// @param points one for each token, in the order of the text
public record HiddenStatePca(List<Double> explained, List<Point> points) {

  /// Copies the lists.
  public HiddenStatePca {
    explained = List.copyOf(explained);
    points = List.copyOf(points);
  }

  /// Where a token lies.
  ///
  /// @param x along the first component, from the mean of all tokens
  /// @param y along the second
  public record Point(double x, double y) {}

  /// The plane of the states after a layer.
  ///
  /// @param states `[tokens, hidden]`, both 2 or more
  /// @throws LengthwiseException where a state is not finite
  static HiddenStatePca of(int layer, Tensor states) {
    int tokens = (int) states.size(0);
    try (PointerScope _ = new PointerScope()) {
      Tensor wide = states.to(ScalarType.Double);
      if (!wide.isfinite().all().item_bool()) {
        throw new LengthwiseException(
            "The hidden states after layer %d are not finite, so they have no components; is the model damaged, or the text too long for the method?"
                .formatted(layer + 1));
      }
      T_TensorTensorTensor_T parts =
          torch.linalg_svd(wide.sub(wide.mean(0)), false, new StringViewOptional());
      Tensor singular = parts.get1();
      double[] lengths = doubles(singular);
      double total = singular.square().sum().item_double();
      double[] places = doubles(parts.get0().narrow(1, 0, 2));
      double first = places[0] < 0 ? -lengths[0] : lengths[0];
      double second = places[1] < 0 ? -lengths[1] : lengths[1];
      List<Point> points = new ArrayList<>();
      for (int token = 0; token < tokens; token++) {
        points.add(new Point(places[2 * token] * first, places[2 * token + 1] * second));
      }
      return new HiddenStatePca(
          List.of(share(lengths[0], total), share(lengths[1], total)), points);
    }
  }

  // Of states that are all the same, nothing varies.
  private static double share(double length, double total) {
    return total == 0 ? 0 : length * length / total;
  }

  private static double[] doubles(Tensor tensor) {
    double[] values = new double[(int) tensor.numel()];
    DoubleBuffer buffer = tensor.contiguous().createBuffer();
    buffer.get(values);
    return values;
  }
}

package dev.lengthwise.diagnose;

import dev.lengthwise.generate.InferenceModel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.StringViewOptional;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// What the hidden states of many texts after one layer say about the positions of their tokens:
/// the joint plane of all of them, how much of their variance goes with the position, and how well
/// a line through them reads it.
///
/// The share is `Σ ⟨a_p, b_p⟩ / P` over the variance of all states. `a_p` and `b_p` are the means
/// at position `p` over two halves of the texts, each less the mean over its positions. What the
/// tokens themselves vary in is not the same in both halves, and so counts nothing: without
/// positions the share is 0 but for chance, and may be below.
///
/// The line is a ridge regression of `ln(position)` on all channels, fitted on the first half of
/// the texts and judged on the second: a share of the variance may be tiny and still tell the
/// position exactly. Ratios count, and not differences, since a causal layer without positions
/// can say `1 / position` (Kazemnejad et al. 2023, theorem 1).
///
/// Source of the plane: Han et al. 2024, "LM-Infinite", arXiv 2308.16137v7, implicit positions.
///
/// @param layer index of the layer
/// @param share of the variance that goes with the position, up to 1
/// @param read share of the variance of `ln(position)` in the second half that the line
///     explains, up to 1; near 0 or below where states do not tell the position
/// @param explained shares of the variance of the two components
/// @param centres of the tokens at each position in the plane, in deviations of all tokens in it
public record PositionsInStates(
    int layer,
    double share,
    double read,
    List<Double> explained,
    List<HiddenStatePca.Point> centres) {

  // Of the mean variance of the channels.
  private static final double RIDGE = 1e-3;

  /// Copies the lists.
  public PositionsInStates {
    explained = List.copyOf(explained);
    centres = List.copyOf(centres);
  }

  /// How far the tokens at each position lie from the middle of all, in deviations of all tokens.
  public List<Double> distances() {
    return centres.stream().map(centre -> Math.hypot(centre.x(), centre.y())).toList();
  }

  /// The chosen layers, in their order.
  ///
  /// @param texts two or more, an even number, all of the same number of tokens, at least two
  /// @param layers which, by index
  public static List<PositionsInStates> of(
      InferenceModel inference, List<int[]> texts, IntPredicate layers) {
    int count = inference.decoder().spec().shape().layers();
    List<PositionsInStates> all = new ArrayList<>();
    try (PointerScope scope = new PointerScope()) {
      List<TensorVector> states = new ArrayList<>();
      for (int layer = 0; layer < count; layer++) {
        states.add(new TensorVector());
      }
      for (int[] text : texts) {
        TextAttention.read(
            inference,
            text,
            _ -> false,
            (_, _, _, _) -> {},
            (stream, layer) -> {
              if (layers.test(layer)) {
                Tensor kept = stream.select(0, 0).to(ScalarType.Double).clone();
                scope.attach(kept);
                states.get(layer).push_back(kept);
              }
            });
      }
      for (int layer = 0; layer < count; layer++) {
        if (layers.test(layer)) {
          all.add(of(layer, torch.stack(states.get(layer), 0)));
        }
      }
    }
    return all;
  }

  /// @param states `[texts, tokens, hidden]`, f64
  static PositionsInStates of(int layer, Tensor states) {
    HiddenStatePca plane = HiddenStatePca.of(layer, states.flatten(0, 1));
    return new PositionsInStates(
        layer,
        share(states),
        read(states),
        plane.explained(),
        centres(plane, (int) states.size(0), (int) states.size(1)));
  }

  private static double share(Tensor states) {
    long half = states.size(0) / 2;
    try (PointerScope _ = new PointerScope()) {
      Tensor first = states.narrow(0, 0, half).mean(0);
      Tensor second = states.narrow(0, half, half).mean(0);
      Tensor together = first.sub(first.mean(0)).mul(second.sub(second.mean(0)));
      Tensor all = states.flatten(0, 1);
      double variance = all.sub(all.mean(0)).square().sum().item_double() / all.size(0);
      double positional = together.sum().item_double() / states.size(1);
      return variance == 0 ? 0 : positional / variance;
    }
  }

  private static double read(Tensor states) {
    long half = states.size(0) / 2;
    try (PointerScope _ = new PointerScope()) {
      Tensor learnt = states.narrow(0, 0, half).flatten(0, 1);
      Tensor judged = states.narrow(0, half, half).flatten(0, 1);
      Tensor middle = learnt.mean(0);
      Tensor target = logarithms((int) states.size(1)).repeat(half);
      Tensor wanted = target.sub(target.mean()).unsqueeze(1);
      Tensor from = learnt.sub(middle);
      // Not linalg_solve: OpenBLAS factorises on the stack, which is too small in a thread of Java.
      T_TensorTensorTensor_T parts = torch.linalg_svd(from, false, new StringViewOptional());
      Tensor lengths = parts.get1();
      Tensor ridge = from.square().sum().mul(new Scalar(RIDGE / states.size(2)));
      Tensor shrunk = lengths.div(lengths.square().add(ridge)).unsqueeze(1);
      Tensor weights = parts.get2().t().mm(parts.get0().t().mm(wanted).mul(shrunk));
      double missed = judged.sub(middle).mm(weights).sub(wanted).square().sum().item_double();
      return 1 - missed / wanted.square().sum().item_double();
    }
  }

  private static Tensor logarithms(int positions) {
    double[] values = new double[positions];
    for (int position = 1; position <= positions; position++) {
      values[position - 1] = Math.log(position);
    }
    return Tensor.create(values, positions);
  }

  private static List<HiddenStatePca.Point> centres(HiddenStatePca plane, int texts, int tokens) {
    double squares =
        plane.points().stream().mapToDouble(at -> at.x() * at.x() + at.y() * at.y()).sum();
    double deviation = Math.sqrt(squares / plane.points().size());
    List<HiddenStatePca.Point> centres = new ArrayList<>();
    for (int position = 0; position < tokens; position++) {
      double x = 0;
      double y = 0;
      for (int text = 0; text < texts; text++) {
        HiddenStatePca.Point point = plane.points().get(text * tokens + position);
        x += point.x() / texts;
        y += point.y() / texts;
      }
      centres.add(
          deviation == 0
              ? new HiddenStatePca.Point(0, 0)
              : new HiddenStatePca.Point(x / deviation, y / deviation));
    }
    return centres;
  }
}

package dev.lengthwise.attention.torch;

import dev.lengthwise.position.QueryKeyMap;
import dev.lengthwise.position.RotaryTable;
import dev.lengthwise.position.ScoreScale;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// Query and key maps and score scales as libtorch operations, through which gradients flow.
/// Tensors are `[batch, tokens, heads, headSize]`.
final class TorchMaps {

  private TorchMaps() {}

  /// Queries before they turn.
  static Tensor queries(QueryKeyMap map, Tensor queries, long firstPosition) {
    return switch (map) {
      case QueryKeyMap.Normalize normalize ->
          normalize.queries() ? ofLength(queries, Math.sqrt((double) queries.size(3))) : queries;
      case QueryKeyMap.Cosine cosine ->
          scaled(ofLength(queries, 1), cosine.lambda(), firstPosition);
      case QueryKeyMap.Collinear(boolean slack) -> {
        if (slack) {
          yield queries;
        }
        long half = queries.size(3) / 2;
        Tensor squares = queries.square();
        Tensor lengths = squares.narrow(3, 0, half).add(squares.narrow(3, half, half));
        yield joined(lengths, torch.zeros_like(lengths));
      }
      case QueryKeyMap.Decay _ -> queries;
    };
  }

  /// Keys before they turn.
  static Tensor keys(QueryKeyMap map, Tensor keys) {
    return switch (map) {
      case QueryKeyMap.Normalize normalize ->
          normalize.keys() ? ofLength(keys, Math.sqrt((double) keys.size(3))) : keys;
      case QueryKeyMap.Cosine _ -> ofLength(keys, Math.sqrt((double) keys.size(3)));
      case QueryKeyMap.Collinear(boolean slack) -> {
        long half = keys.size(3) / 2;
        Tensor tied =
            torch.relu(
                keys.narrow(3, 0, half).add(keys.narrow(3, half, half)).mul(new Scalar(0.5)));
        yield joined(tied, slack ? tied : torch.zeros_like(tied));
      }
      case QueryKeyMap.Decay _ -> keys;
    };
  }

  /// Queries after they turned.
  ///
  /// @param queries before they turned
  static Tensor turnedQueries(QueryKeyMap map, Tensor queries, Tensor rotated) {
    return map instanceof QueryKeyMap.Collinear(boolean slack) && slack
        ? queries.mul(rotated)
        : rotated;
  }

  /// Queries whose turned channels are multiplied by the square of the amplitude.
  static Tensor amplified(Tensor queries, RotaryTable rotary) {
    if (rotary.amplitude() == 1) {
      return queries;
    }
    Scalar square = new Scalar(rotary.amplitude() * rotary.amplitude());
    long turned = 2L * rotary.pairs();
    long still = queries.size(3) - turned;
    return still == 0
        ? queries.mul(square)
        : joined(queries.narrow(3, 0, turned).mul(square), queries.narrow(3, turned, still));
  }

  /// Queries times `s(i)`.
  static Tensor scaled(Tensor queries, ScoreScale scale, long firstPosition) {
    return switch (scale) {
      case ScoreScale.Constant(double value) ->
          value == 1 ? queries : queries.mul(new Scalar(value));
      case ScoreScale.LogLength _, ScoreScale.LengthSteps _ -> {
        double[] factors = new double[(int) queries.size(1)];
        for (int row = 0; row < factors.length; row++) {
          factors[row] = scale.at(firstPosition + row);
        }
        Tensor column = Tensor.create(factors, factors.length, 1, 1);
        yield queries.mul(column.to(queries.device(), queries.scalar_type()));
      }
    };
  }

  private static Tensor ofLength(Tensor vectors, double length) {
    Tensor own = vectors.norm(new ScalarOptional(new Scalar(2.0)), new long[] {-1}, true);
    Tensor unit = vectors.div(own.clamp_min(new Scalar(QueryKeyMap.MINIMUM_LENGTH)));
    return length == 1 ? unit : unit.mul(new Scalar(length));
  }

  private static Tensor joined(Tensor first, Tensor second) {
    TensorVector parts = new TensorVector();
    parts.push_back(first);
    parts.push_back(second);
    return torch.cat(parts, 3);
  }
}

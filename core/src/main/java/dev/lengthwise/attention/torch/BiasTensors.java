package dev.lengthwise.attention.torch;

import dev.lengthwise.position.Branch;
import dev.lengthwise.position.BucketRule;
import dev.lengthwise.position.DistanceBias;
import dev.lengthwise.position.FireBias;
import dev.lengthwise.position.PositionMap;
import dev.lengthwise.position.ScoreBias;
import java.util.List;
import java.util.Map;
import java.util.function.LongToDoubleFunction;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Biases of the pairs of one block of query rows, as differentiable tensors.
///
/// Pairs of keys behind their query have some finite number, so that masking them leaves gradients
/// finite.
///
/// @param places where queries and keys stand
/// @param trained tensors that take the place of the plan's numbers, by the names of
///     `LearnedParameter`
record BiasTensors(PairPlaces places, Map<String, Tensor> trained) {

  /// `β_h` of every pair at the relative positions of `branch`: `[heads or 1, rows, keys]`.
  Tensor of(ScoreBias bias, Branch branch) {
    return switch (bias) {
      case ScoreBias.None _ -> torch.zeros(1, 1, 1).to(places.like().device(), type());
      case ScoreBias.Linear linear -> linear(linear, branch);
      case DistanceBias.KerpleLog(List<Double> r1, List<Double> r2) ->
          perHead(DistanceBias.R2, r2)
              .mul(distance(branch).to(type()))
              .log1p()
              .mul(perHead(DistanceBias.R1, r1))
              .neg();
      case DistanceBias.KerplePower(List<Double> r1, List<Double> r2) ->
          power(distance(branch).to(type()), perHead(DistanceBias.R2, r2))
              .mul(perHead(DistanceBias.R1, r1))
              .neg();
      case DistanceBias.Sandwich sandwich -> sandwich(sandwich, branch);
      case DistanceBias.Table table -> table(table, branch);
      case FireBias fire -> fire(fire, branch);
    };
  }

  private Tensor linear(ScoreBias.Linear bias, Branch branch) {
    Tensor query = column(places.queries(), branch.query(), places.queries().length, 1);
    Tensor key = column(places.keys(), branch.key(), 1, places.keys().length);
    Tensor relative = forward(branch, query.to(type()).sub(key.to(type())));
    double[] slopes = new double[bias.heads()];
    for (int head = 0; head < slopes.length; head++) {
      slopes[head] = -bias.slope(head);
    }
    return tensor(slopes, slopes.length, 1, 1).to(type()).mul(relative);
  }

  // The derivative of ρ^r with respect to r is 0 at ρ = 0, where ρ^r · ln ρ is not a number.
  private static Tensor power(Tensor distance, Tensor exponent) {
    Tensor none = distance.le(new Scalar(0.0));
    return distance
        .masked_fill(none, new Scalar(1.0))
        .pow(exponent)
        .masked_fill(none, new Scalar(0.0));
  }

  // cos(a − b) = cos a cos b + sin a sin b makes the sum one product [rows, D] · [D, keys].
  private Tensor sandwich(DistanceBias.Sandwich bias, Branch branch) {
    int heads = bias.heads();
    double[] compressed = new double[heads];
    for (int head = 0; head < heads; head++) {
      compressed[head] = 1 / bias.compression(head);
    }
    Tensor sum =
        sinusoids(places.queries(), branch.query(), bias)
            .matmul(sinusoids(places.keys(), branch.key(), bias).t())
            .sub(new Scalar((double) bias.waves()));
    return tensor(compressed, heads, 1, 1).to(type()).mul(sum.to(type()));
  }

  // [places, D]
  private Tensor sinusoids(long[] indices, PositionMap map, DistanceBias.Sandwich bias) {
    int waves = bias.waves();
    double[] values = new double[indices.length * 2 * waves];
    for (int place = 0; place < indices.length; place++) {
      double position = map.at(indices[place]);
      for (int wave = 0; wave < waves; wave++) {
        double phase = position * bias.frequency(wave + 1);
        values[place * 2 * waves + wave] = Math.cos(phase);
        values[place * 2 * waves + waves + wave] = Math.sin(phase);
      }
    }
    return tensor(values, indices.length, 2L * waves);
  }

  private Tensor table(DistanceBias.Table bias, Branch branch) {
    Tensor buckets = buckets(bias.rule(), distance(branch)); // [rows, keys]
    Tensor table = // [buckets, heads]
        weight(DistanceBias.TABLE, bias.table()).view(bias.rule().buckets(), bias.heads());
    return table
        .t()
        .index_select(1, buckets.flatten())
        .view(bias.heads(), buckets.size(0), buckets.size(1))
        .mul(new Scalar(bias.factor()));
  }

  // As BucketRule#bucket.
  private static Tensor buckets(BucketRule rule, Tensor distance) {
    Scalar tolerance = new Scalar(BucketRule.TOLERANCE);
    Scalar exact = new Scalar((double) rule.exact());
    Tensor place = distance.add(tolerance).floor();
    Tensor above =
        place
            .clamp_min(exact)
            .div(exact)
            .log()
            .mul(new Scalar(rule.steepness()))
            .add(tolerance)
            .floor()
            .add(exact)
            .clamp_max(new Scalar(rule.buckets() - 1.0));
    return torch.where(place.lt(exact), place, above).to(ScalarType.Long);
  }

  // The network is applied to [rows, keys, width]: neither batch nor heads multiply it.
  private Tensor fire(FireBias bias, Branch branch) {
    Tensor scale = weight(FireBias.SCALE, List.of(bias.scale()));
    Tensor threshold =
        weight(FireBias.MULTIPLIER, List.of(bias.multiplier()))
            .mul(new Scalar((double) bias.threshold()))
            .abs();
    Tensor queries =
        column(places.queries(), PositionMap.IDENTITY, places.queries().length, 1).to(type());
    Tensor measure = psi(scale, queries.maximum(threshold)).add(new Scalar(FireBias.EPSILON));
    Tensor argument = psi(scale, distance(branch).to(type())).div(measure); // [rows, keys]
    Tensor hidden =
        argument
            .unsqueeze(-1)
            .mul(weight(FireBias.HIDDEN_WEIGHTS, bias.hidden().weights()))
            .add(weight(FireBias.HIDDEN_BIASES, bias.hidden().biases()))
            .relu();
    Tensor output =
        weight(FireBias.OUTPUT_WEIGHTS, bias.output().weights()).view(bias.heads(), bias.width());
    return hidden
        .matmul(output.t())
        .add(weight(FireBias.OUTPUT_BIASES, bias.output().biases()))
        .permute(2, 0, 1);
  }

  private static Tensor psi(Tensor scale, Tensor positions) {
    return positions.mul(scale).abs().log1p();
  }

  // ρ of every pair, at least 0, in double: the edges of buckets are exact. [rows, keys]
  private Tensor distance(Branch branch) {
    Tensor relative =
        column(places.queries(), branch.query(), places.queries().length, 1)
            .sub(column(places.keys(), branch.key(), 1, places.keys().length));
    return forward(branch, relative).clamp_min(new Scalar(0.0));
  }

  // As Branch#distance.
  private static Tensor forward(Branch branch, Tensor relative) {
    return branch.region().ahead() ? relative.neg() : relative;
  }

  private Tensor perHead(String name, List<Double> values) {
    return weight(name, values).view(values.size(), 1, 1);
  }

  private Tensor weight(String name, List<Double> values) {
    Tensor given = trained.get(name);
    return given == null
        ? tensor(values.stream().mapToDouble(Double::doubleValue).toArray(), values.size())
            .to(type())
        : given.to(type());
  }

  private Tensor column(long[] indices, PositionMap map, long... shape) {
    LongToDoubleFunction at = map::at;
    return tensor(LongStream.of(indices).mapToDouble(at).toArray(), shape);
  }

  // In double, on the device of the scores.
  private Tensor tensor(double[] values, long... shape) {
    return Tensor.create(values, shape).to(places.like().device(), ScalarType.Double);
  }

  private ScalarType type() {
    return places.like().scalar_type();
  }
}

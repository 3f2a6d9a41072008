package dev.lengthwise.model;

import dev.lengthwise.matrix.Activation;
import dev.lengthwise.matrix.Gating;
import java.util.List;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// The verbs in libtorch, which records them for gradients, on any device.
///
/// The stream, norms and recurrences are f32, or f64 when the embedding is. Products run in the
/// type of their weights; what is made between two products stays in that type.
final class TorchOperations implements Operations {

  private final ScalarType products;

  /// Verbs on dense weights.
  TorchOperations(Weights weights) {
    Projection head = weights.projection(WeightId.of(Slot.HEAD));
    this.products = dense(head).weight().scalar_type().intern();
  }

  private static Projection.Dense dense(Projection projection) {
    return switch (projection) {
      case Projection.Dense dense -> dense;
      case Projection.Mapped _ ->
          throw new IllegalArgumentException("libtorch needs weights as tensors");
    };
  }

  @Override
  public Pass start(long batch, long tokens) {
    return new TorchPass();
  }

  private final class TorchPass implements Pass {

    @Override
    public Rows embed(Slot slot, Tensor ids, Projection table, double scale) {
      Tensor weight = dense(table).weight();
      Tensor embedded = torch.embedding(weight, ids.to(weight.device(), ids.scalar_type()));
      Tensor wide =
          switch (embedded.scalar_type().intern()) {
            case Float, Double -> embedded;
            default -> embedded.to(ScalarType.Float);
          };
      return Rows.of(scaled(wide, scale));
    }

    private static Tensor scaled(Tensor tensor, double scale) {
      return scale == 1 ? tensor : tensor.mul(new Scalar(scale));
    }

    @Override
    public Rows normed(Rows rows, BoundNorm norm) {
      return norm.exists() ? Rows.of(normed(rows.tensor(), norm)) : rows;
    }

    // Over the last dimension.
    private static Tensor normed(Tensor tensor, BoundNorm norm) {
      long[] size = {tensor.size(-1)};
      double epsilon = norm.norm().epsilon();
      return switch (norm.norm().kind()) {
        case NONE -> tensor;
        case RMS -> {
          Tensor scaled =
              torch.rms_norm(tensor, size, optional(norm.gain()), new DoubleOptional(epsilon));
          yield norm.bias() == null ? scaled : scaled.add(norm.bias());
        }
        case LAYER ->
            torch.layer_norm(
                tensor, size, optional(norm.gain()), optional(norm.bias()), epsilon, false);
      };
    }

    private static TensorOptional optional(@Nullable Tensor tensor) {
      return tensor == null ? new TensorOptional() : new TensorOptional(tensor);
    }

    // As several projections read it: rounded once to the type of the products.
    private Tensor input(Rows rows, BoundNorm norm) {
      Tensor normed = normed(rows.tensor(), norm);
      return normed.scalar_type().intern() == products ? normed : normed.to(products);
    }

    @Override
    public List<Rows> project(
        Rows rows, BoundNorm norm, List<Slot> slots, List<Projection> projections) {
      Tensor input = input(rows, norm);
      return projections.stream().map(each -> Rows.of(dense(each).apply(input))).toList();
    }

    @Override
    public Rows product(Slot slot, Rows rows, Projection projection) {
      return Rows.of(dense(projection).apply(rows.tensor()));
    }

    @Override
    public Rows gated(Rows rows, BoundNorm norm, Projection gate, Projection up, Gating gating) {
      Tensor input = input(rows, norm);
      Tensor gates = dense(gate).apply(input);
      Tensor ups = dense(up).apply(input);
      if (Double.isFinite(gating.limit())) {
        gates = gates.clamp_max(new Scalar(gating.limit()));
        ups = clamp(ups, gating.limit());
      }
      Tensor shifted = gating.offset() == 0 ? ups : ups.add(new Scalar(gating.offset()));
      return Rows.of(TorchActivation.of(gating.activation(), gates).mul(shifted));
    }

    @Override
    public Rows activated(Rows rows, BoundNorm norm, Projection up, Activation activation) {
      return Rows.of(TorchActivation.of(activation, dense(up).apply(input(rows, norm))));
    }

    @Override
    public Rows headNormed(Rows rows, BoundNorm norm, Mixer.HeadNorm.Extent extent, int heads) {
      Tensor given = rows.tensor();
      Tensor normed =
          switch (extent) {
            case WHOLE -> normed(given, norm);
            case HEAD -> normed(rows.heads(heads), norm).flatten(2, 3);
            case EACH_HEAD -> {
              BoundNorm bare = new BoundNorm(norm.norm().with(false, false), null, null);
              Tensor flat = normed(rows.heads(heads), bare).flatten(2, 3);
              Tensor scaled = norm.gain() == null ? flat : flat.mul(norm.gain());
              yield norm.bias() == null ? scaled : scaled.add(norm.bias());
            }
          };
      return Rows.of(normed.to(given.scalar_type()));
    }

    private static Tensor clamp(Tensor tensor, double bound) {
      return tensor.clamp(
          new ScalarOptional(new Scalar(-bound)), new ScalarOptional(new Scalar(bound)));
    }

    @Override
    public Rows clamped(Rows rows, double bound) {
      return Rows.of(clamp(rows.tensor(), bound));
    }

    @Override
    public Rows add(Rows stream, Rows rows, Projection projection, double scale) {
      return add(stream, product(Slot.DOWN, rows, projection), scale);
    }

    @Override
    public Rows add(Rows stream, Rows rows, double scale) {
      return Rows.of(stream.tensor().add(scaled(rows.tensor(), scale)));
    }

    @Override
    public Tensor result(Rows stream, BoundNorm norm) {
      return normed(stream.tensor(), norm);
    }
  }
}
